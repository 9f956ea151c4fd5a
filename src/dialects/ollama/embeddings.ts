// Embeddings: /api/embed with one text or many, and the older /api/embeddings with one `prompt`.
import { compact } from '../../canonical/compact.ts'
import {
  type EmbedInput,
  type EmbedRequest,
  type EmbedResponse,
  type Vector,
  textInputs,
} from '../../canonical/embedding.ts'
import type { Lowered } from '../../canonical/note.ts'
import { numbersOf } from '../../canonical/vector.ts'
import { WireError } from '../../wire/errors.ts'
import { type Json, type JsonObject, ObjectReader, isArray } from '../../wire/json.ts'
import type { WireRequest, WireResponse } from '../../wire/message.ts'
import type { EmbedDecodeContext, EmbedEncodeContext, EmbeddingsCodec } from '../embeddings.ts'
import { lowerEmbed } from '../lowering/embed.ts'
import { leftovers } from './extension.ts'
import { printUsage, readUsage } from './metrics.ts'
import { DIALECT, EMBED_PATH, JSON_HEADERS, LEGACY_EMBED_PATH } from './wire-types.ts'

export const embeddings: EmbeddingsCodec = {
  fieldNames: { inputs: 'input', dimensions: 'dimensions', truncate: 'truncate' },
  patchable: [{ path: ['model'] }, { path: ['keep_alive'] }],
  request: { decode, encode },
  response: {
    decode: decodeResponse,
    encode: (response, context) => ({ value: encodeResponse(response, context), notes: [] }),
  },
  lower,
}

function isLegacy(request: EmbedRequest): boolean {
  return leftovers.shapeOf(request)['endpoint'] === 'legacy'
}

function decode(wire: WireRequest): EmbedRequest {
  const reader = ObjectReader.of(wire.body, '')
  const legacy = wire.path.endsWith(LEGACY_EMBED_PATH)
  const { texts, shape } = legacy ? readPrompt(reader) : readInput(reader)
  return {
    origin: { dialect: DIALECT },
    model: reader.string('model'),
    inputs: texts.map((text): EmbedInput => ({ type: 'text', text })),
    ...compact({
      dimensions: reader.optionalNumber('dimensions'),
      truncate: reader.optionalBoolean('truncate'),
    }),
    ...leftovers.keptFields(reader.rest(), shape),
  }
}

interface Said {
  readonly texts: readonly string[]
  readonly shape: JsonObject
}

function readPrompt(reader: ObjectReader): Said {
  return { texts: [reader.string('prompt')], shape: { endpoint: 'legacy' } }
}

/** Nothing to embed gives no vectors; the server says so itself. */
function readInput(reader: ObjectReader): Said {
  const value = reader.peek('input')
  if (value === undefined || value === null) return { texts: [], shape: { input: 'absent' } }
  if (typeof value === 'string')
    return { texts: [reader.string('input')], shape: { input: 'text' } }
  return { texts: reader.optionalStrings('input') ?? [], shape: {} }
}

/** Left alone, the server would cut a text that is too long without a word: only its own clients expect that. */
function lower(request: EmbedRequest): Lowered<EmbedRequest> {
  const lowered = lowerEmbed(request, { dialect: DIALECT, takes: ['dimensions', 'truncate'] })
  if (request.origin.dialect === DIALECT || lowered.value.truncate !== undefined) return lowered
  return { ...lowered, value: { ...lowered.value, truncate: false } }
}

function encode(request: EmbedRequest): WireRequest {
  const { model, dimensions, truncate } = request
  const texts = textInputs(request)
  const legacy = isLegacy(request)
  return {
    method: 'POST',
    path: legacy ? LEGACY_EMBED_PATH : EMBED_PATH,
    headers: JSON_HEADERS,
    body: leftovers.printed(request, {
      model,
      ...(legacy ? { prompt: texts[0] ?? '' } : printInput(request, texts)),
      ...compact({ dimensions, truncate }),
    }),
  }
}

function printInput(request: EmbedRequest, texts: readonly string[]): JsonObject {
  const { input } = leftovers.shapeOf(request)
  if (input === 'absent' && texts.length === 0) return {}
  return { input: input === 'text' && texts.length === 1 ? (texts[0] ?? '') : texts }
}

/** The older answer holds one bare vector, and no counts. */
function decodeResponse(wire: WireResponse, { request }: EmbedDecodeContext): EmbedResponse {
  const reader = ObjectReader.of(wire.body, '')
  const legacy = reader.has('embedding')
  const key = legacy ? 'embedding' : 'embeddings'
  const values = legacy ? [reader.value(key)] : reader.items(key).map(({ value }) => value)
  return {
    origin: { dialect: DIALECT },
    model: reader.optionalString('model') ?? request.model,
    vectors: values.map((value, at) => vectorOf(value, legacy ? key : `${key}[${at}]`)),
    ...compact({ usage: readUsage(reader) }),
    ...leftovers.keptFields(reader.rest()),
  }
}

function vectorOf(value: Json | undefined, path: string): Vector {
  const numbers = isArray(value) ? value.filter((entry) => typeof entry === 'number') : []
  if (isArray(value) && numbers.length === value.length) return { type: 'numbers', numbers }
  throw new WireError('wrong_type', `${path} must be a list of numbers`, path)
}

function encodeResponse(response: EmbedResponse, { request }: EmbedEncodeContext): WireResponse {
  const vectors = response.vectors.map((vector) => numbersOf(vector, request.vectorType) ?? [])
  const own = leftovers.fieldsOf(response)
  const body = isLegacy(request)
    ? { ...own, embedding: vectors[0] ?? [] }
    : { ...own, model: response.model, embeddings: vectors, ...printUsage(response.usage) }
  return { status: 200, headers: JSON_HEADERS, body }
}
