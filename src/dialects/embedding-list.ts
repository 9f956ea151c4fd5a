// Embeddings as OpenAI brought them up: `input` in, a list of objects with an index out. Others took it over with words of their own.
import { compact } from '../canonical/compact.ts'
import type { EmbedRequest, EmbedResponse, Vector } from '../canonical/embedding.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Note } from '../canonical/note.ts'
import { base64Of, numbersOf } from '../canonical/vector.ts'
import { type Item, type Json, type JsonObject, ObjectReader, isArray } from '../wire/json.ts'
import type { WireResponse } from '../wire/message.ts'
import { decodeInputs, encodeInputs } from './embedding-list-inputs.ts'
import type { EmbeddingListWords } from './embedding-list-words.ts'
import { decodeListUsage, encodeListUsage } from './embedding-list-usage.ts'
import type { EmbeddingsCodec } from './embeddings.ts'
import type { Leftovers } from './leftovers.ts'
import { type EmbedRules, lowerEmbed } from './lowering/embed.ts'
import { isVectorType } from './vector-type.ts'

export function embeddingList(words: EmbeddingListWords): EmbeddingsCodec {
  const { dialect, leftovers } = words
  const rules: EmbedRules = { dialect, takes: settingsOf(words), inputs: ['tokens'] }
  return {
    fieldNames: compact({
      inputs: 'input',
      dimensions: words.dimensions,
      vectorType: words.vectorType,
      user: words.user,
    }),
    patchable: [{ path: ['model'] }],
    request: {
      decode(wire) {
        const reader = ObjectReader.of(wire.body, '')
        return decodeRequest(reader, words)
      },
      encode: (request) => ({
        method: 'POST',
        path: '/embeddings',
        headers: {},
        body: leftovers.printed(request, encodeRequest(request, words)),
      }),
    },
    response: {
      decode: (wire, { request }) =>
        decodeResponse(ObjectReader.of(wire.body, ''), { request, words }),
      encode: (response, { request, requestId }) =>
        encodeResponse(response, { request, requestId, words }),
    },
    isAsAsked: (response, { encoding }) =>
      leftovers.shapeOf(response)['order'] === undefined &&
      (encoding === undefined || response.vectors.every(({ type }) => type === encoding)),
    lower: (request) => lowerEmbed(request, rules),
  }
}

function settingsOf({ vectorType, user }: EmbeddingListWords): EmbedRules['takes'] {
  return [
    'dimensions',
    ...(vectorType === undefined ? [] : (['vectorType'] as const)),
    ...(user === undefined ? [] : (['user'] as const)),
  ]
}

/** The client's words for an encoding; any other is left to the upstream to refuse. */
const ENCODINGS: ReadonlyMap<Json | undefined, 'numbers' | 'base64'> = new Map([
  ['float', 'numbers'],
  ['base64', 'base64'],
])

function decodeRequest(reader: ObjectReader, words: EmbeddingListWords): EmbedRequest {
  const { dialect, leftovers } = words
  const model = reader.string('model')
  const { inputs, shape } = decodeInputs(reader, words)
  const encoding = ENCODINGS.get(reader.peek('encoding_format'))
  if (encoding !== undefined) reader.value('encoding_format')
  const type = words.vectorType === undefined ? undefined : reader.peek(words.vectorType)
  const vectorType = isVectorType(type) ? type : undefined
  if (vectorType !== undefined && words.vectorType !== undefined) reader.value(words.vectorType)
  return {
    origin: { dialect },
    model,
    inputs,
    ...compact({
      dimensions: reader.optionalNumber(words.dimensions),
      user: words.user === undefined ? undefined : reader.optionalString(words.user),
      encoding,
      vectorType,
    }),
    ...leftovers.kept(reader, { shape }),
  }
}

/** A client of another wire is given numbers, whatever it asked for: the base64 is made of them here. */
function encodeRequest(request: EmbedRequest, words: EmbeddingListWords): JsonObject {
  const isOwn = request.origin.dialect === words.dialect
  const format = request.encoding === 'numbers' ? 'float' : request.encoding
  return {
    model: request.model,
    ...encodeInputs(request, words),
    ...compact({
      [words.dimensions]: request.dimensions,
      encoding_format: isOwn ? format : undefined,
      ...(words.vectorType === undefined ? {} : { [words.vectorType]: request.vectorType }),
      ...(words.user === undefined ? {} : { [words.user]: request.user }),
    }),
  }
}

interface Asked {
  readonly request: EmbedRequest
  readonly words: EmbeddingListWords
}

/** In the order of the inputs, whatever order they came in. */
function decodeResponse(reader: ObjectReader, { request, words }: Asked): EmbedResponse {
  const { dialect, leftovers, strictClients } = words
  if (reader.peek('object') === 'list') reader.value('object')
  const came = reader.items('data').map((item, at) => decodeVector(item, { at, leftovers }))
  const inOrder = came.toSorted((left, right) => left.index - right.index)
  const isInOrder = inOrder.every(({ vector }, at) => vector === came[at]?.vector)
  return {
    origin: { dialect },
    model: reader.optionalString('model') ?? request.model,
    vectors: inOrder.map(({ vector }) => vector),
    ...compact({
      id: strictClients ? reader.optionalString('id') : undefined,
      usage: decodeListUsage(reader, dialect),
    }),
    ...leftovers.kept(reader, isInOrder ? {} : { shape: { order: 'other' } }),
  }
}

function decodeVector(
  item: Item,
  { at, leftovers }: { readonly at: number; readonly leftovers: Leftovers },
): { readonly index: number; readonly vector: Vector } {
  const reader = ObjectReader.of(item.value, item.path)
  if (reader.peek('object') === 'embedding') reader.value('object')
  const index = reader.optionalNumber('index') ?? at
  const value = reader.peek('embedding')
  if (typeof value === 'string') reader.value('embedding')
  const content: Vector =
    typeof value === 'string'
      ? { type: 'base64', base64: value }
      : { type: 'numbers', numbers: numbersAt(reader) }
  return { index, vector: { ...content, ...leftovers.kept(reader) } }
}

/** Checked without a path for each number: there may be thousands. */
function numbersAt(reader: ObjectReader): readonly number[] {
  const value = reader.value('embedding')
  if (isArray(value)) {
    const numbers = value.filter((entry) => typeof entry === 'number')
    if (numbers.length === value.length) return numbers
  }
  throw badVector(reader.path('embedding'))
}

function badVector(path: string): GatewayError {
  return new GatewayError('upstream', `${path} is neither a list of numbers nor base64.`, {
    origin: 'upstream',
    code: 'upstream_bad_response',
  })
}

interface Writing extends Asked {
  readonly requestId: string
}

function encodeResponse(
  response: EmbedResponse,
  { request, requestId, words }: Writing,
): { readonly value: WireResponse; readonly notes: readonly Note[] } {
  const { leftovers, strictClients } = words
  const { usage, notes } = encodeListUsage(response, words)
  const body = leftovers.printed(response, {
    object: 'list',
    data: response.vectors.map((vector, index) =>
      leftovers.printed(vector, {
        object: 'embedding',
        index,
        embedding: written(vector, request),
      }),
    ),
    model: response.model,
    ...compact({
      id: strictClients ? (response.id ?? `embd-${requestId}`) : undefined,
      usage,
    }),
  })
  return { value: { status: 200, headers: {}, body }, notes }
}

function written(vector: Vector, { encoding, vectorType }: EmbedRequest): Json {
  if (encoding === 'base64') return base64Of(vector, vectorType)
  const numbers = numbersOf(vector, vectorType)
  if (numbers === undefined) throw badVector('The vector')
  return numbers
}
