// embedContent with one content, batchEmbedContents with many: each with its own task, title and length.
import { compact } from '../../canonical/compact.ts'
import {
  type EmbedInput,
  type EmbedRequest,
  type EmbedResponse,
  type EmbedSettings,
  type Vector,
  settingsOf,
} from '../../canonical/embedding.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { numbersOf } from '../../canonical/vector.ts'
import { type Item, type Json, type JsonObject, isArray } from '../../wire/json.ts'
import type { WireRequest, WireResponse } from '../../wire/message.ts'
import type { EmbedDecodeContext, EmbedEncodeContext, EmbeddingsCodec } from '../embeddings.ts'
import type { FieldNames } from '../field-names.ts'
import { lowerEmbed } from '../lowering/embed.ts'
import { EMBED, printAddress, readAddress, resourceName } from './address.ts'
import { encodeParts } from './contents.ts'
import { AnswerCalls, decodePart } from './decode-parts.ts'
import { leftovers, printed } from './extension.ts'
import { Fields } from './fields.ts'
import { decodeModel } from './request.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { GEMINI } from './wire-types.ts'

const SINGLE = 'embedContent'
const BATCH = 'batchEmbedContents'

const fieldNames: FieldNames = {
  inputs: 'content',
  dimensions: 'outputDimensionality',
  task: 'taskType',
  title: 'title',
  truncate: 'embedContentConfig.autoTruncate',
}

const TAKES = ['dimensions', 'task', 'title', 'truncate'] as const

export const embeddings: EmbeddingsCodec = {
  fieldNames,
  request: { decode, encode },
  response: {
    decode: decodeResponse,
    encode: (response, context) => ({ value: encodeResponse(response, context), notes: [] }),
  },
  lower: (request) =>
    lowerEmbed(request, { dialect: GEMINI, takes: TAKES, perInput: true, inputs: ['parts'] }),
}

function decode(wire: WireRequest): EmbedRequest {
  const { model, method } = readAddress(wire.path, EMBED)
  const fields = Fields.of(wire.body, '')
  const origin = { dialect: GEMINI }
  if (method === SINGLE) return { origin, model, inputs: [decodeInput(fields, model)] }
  const items = fields.optionalItems('requests') ?? []
  return {
    origin,
    model,
    inputs: items.map((item) => decodeInput(Fields.of(item.value, item.path), model)),
    ...fields.kept({ batch: true }),
  }
}

function decodeInput(fields: Fields, model: string): EmbedInput {
  const content = fields.optionalFields('content')
  const parts = content?.optionalItems('parts')
  const role = content?.value('role')
  const { settings, nested } = decodeSettings(fields)
  return {
    type: 'parts',
    parts: (parts ?? []).map((item, at) => decodeInputPart(item, at)),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...fields.kept({
      role,
      content: content === undefined ? 'absent' : undefined,
      parts: parts === undefined ? 'absent' : undefined,
      model: decodeModel(fields, { model }),
      config: nested ? true : undefined,
    }),
  }
}

function decodeInputPart(item: Item, at: number): ReturnType<typeof decodePart> {
  return decodePart(item, `content.${at}`, new AnswerCalls('content'))
}

/** They stand beside the content, and in newer clients in an object of their own. */
function decodeSettings(fields: Fields): {
  readonly settings: EmbedSettings
  readonly nested: boolean
} {
  const config = fields.optionalFields('embedContentConfig')
  const at = config ?? fields
  const settings = compact({
    dimensions: at.optionalNumber('outputDimensionality'),
    task: at.optionalString('taskType'),
    title: at.optionalString('title'),
    truncate: config?.optionalBoolean('autoTruncate'),
  })
  return { settings, nested: config !== undefined }
}

function encode(request: EmbedRequest): WireRequest {
  const { model, inputs } = request
  const [first] = inputs
  const isBatch = leftovers.shapeOf(request)['batch'] === true || inputs.length !== 1
  const body =
    first !== undefined && !isBatch
      ? encodeInput(first, { request, named: false })
      : printed(request, {
          requests: inputs.map((input) => encodeInput(input, { request, named: true })),
        })
  const path = printAddress({ model, method: isBatch ? BATCH : SINGLE })
  return { method: 'POST', path, headers: {}, body }
}

/** In a batch each request has to name the model again. */
function encodeInput(
  input: EmbedInput,
  { request, named }: { readonly request: EmbedRequest; readonly named: boolean },
): JsonObject {
  const shape = leftovers.shapeOf(input)
  const isOwn = request.origin.dialect === GEMINI
  const { dimensions, task, title, truncate } = settingsOf(request, input)
  const settings = compact({ taskType: task, title, outputDimensionality: dimensions })
  const nested = shape['config'] === true
  const config = { ...(nested ? settings : {}), ...compact({ autoTruncate: truncate }) }
  const model = shape['model'] === 'bare' ? request.model : resourceName(request.model)
  const saysModel = isOwn || !named ? shape['model'] !== undefined : true
  return printed(input, {
    ...(saysModel ? { model } : {}),
    ...encodeContent(input, shape),
    ...(nested ? {} : settings),
    ...(nested || truncate !== undefined ? { embedContentConfig: config } : {}),
  })
}

function encodeContent(input: EmbedInput, shape: JsonObject): JsonObject {
  if (shape['content'] === 'absent') return {}
  const parts = partsOf(input)
  return {
    content: compact({
      role: shape['role'],
      parts: shape['parts'] === 'absent' && parts.length === 0 ? undefined : parts,
    }),
  }
}

function partsOf(input: EmbedInput): readonly Json[] {
  switch (input.type) {
    case 'text':
      return [{ text: input.text }]
    case 'parts':
      return encodeParts(input.parts)
    case 'tokens':
      return []
  }
}

function decodeResponse(wire: WireResponse, { request }: EmbedDecodeContext): EmbedResponse {
  const fields = Fields.of(wire.body, '')
  const items = fields.optionalItems(fields.has('embedding') ? 'embedding' : 'embeddings') ?? []
  const usage = decodeUsage(fields.peek('usageMetadata'))
  if (usage !== undefined) fields.value('usageMetadata')
  return {
    origin: { dialect: GEMINI },
    model: request.model,
    vectors: items.map((item) => decodeVector(item)),
    ...compact({ usage }),
    ...leftovers.keptFields(fields.left()),
  }
}

function decodeVector({ value, path }: Item): Vector {
  const fields = Fields.of(value, path)
  const values = fields.value('values')
  const numbers = isArray(values) ? values.filter((entry) => typeof entry === 'number') : []
  if (isArray(values) && numbers.length === values.length) {
    return { type: 'numbers', numbers, ...leftovers.keptFields(fields.left()) }
  }
  throw new GatewayError('upstream', `${fields.path('values')} is no list of numbers.`, {
    origin: 'upstream',
    code: 'upstream_bad_response',
  })
}

function encodeResponse(response: EmbedResponse, { request }: EmbedEncodeContext): WireResponse {
  const embedded = response.vectors.map((vector) =>
    leftovers.printed(vector, { values: numbersOf(vector, request.vectorType) ?? [] }),
  )
  const [first] = embedded
  const isBatch = leftovers.shapeOf(request)['batch'] === true || first === undefined
  const body = leftovers.printed(response, {
    ...(isBatch ? { embeddings: embedded } : { embedding: first }),
    ...compact({ usageMetadata: encodeUsage(response.usage) }),
  })
  return { status: 200, headers: {}, body }
}
