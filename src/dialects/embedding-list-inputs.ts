// `input` of OpenAI's embeddings: a text, tokens, or a list of them.
import type { EmbedInput, EmbedRequest } from '../canonical/embedding.ts'
import { textOf } from '../canonical/part.ts'
import { WireError } from '../wire/errors.ts'
import {
  type Item,
  type Json,
  type JsonObject,
  type ObjectReader,
  isArray,
  isObject,
} from '../wire/json.ts'
import type { EmbeddingListWords } from './embedding-list-words.ts'

type Words = Pick<EmbeddingListWords, 'dialect' | 'leftovers'>

/** Mistral's own SDK calls the field `inputs`, its wire `input`: both are read. */
const KEYS = ['input', 'inputs'] as const

/** `shape` says how a single input stood there. */
export function decodeInputs(
  reader: ObjectReader,
  { dialect }: Words,
): { readonly inputs: readonly EmbedInput[]; readonly shape: JsonObject } {
  const key = KEYS.find((known) => reader.has(known)) ?? 'input'
  const path = reader.path(key)
  const value = reader.value(key)
  const spelled = key === 'input' ? {} : { key }
  if (typeof value === 'string') {
    return { inputs: [{ type: 'text', text: value }], shape: { ...spelled, single: true } }
  }
  if (!isArray(value)) throw wrong(path, value)
  const tokens = tokensIn(value)
  if (tokens !== undefined && value.length > 0) {
    return { inputs: [{ type: 'tokens', tokens }], shape: { ...spelled, single: true } }
  }
  const items = value.map((item, at) =>
    decodeInput({ value: item, path: `${path}[${at}]` }, dialect),
  )
  return { inputs: items, shape: spelled }
}

function decodeInput({ value, path }: Item, dialect: string): EmbedInput {
  if (typeof value === 'string') return { type: 'text', text: value }
  const tokens = isArray(value) ? tokensIn(value) : undefined
  if (tokens !== undefined) return { type: 'tokens', tokens }
  if (!isObject(value)) throw wrong(path, value)
  // Some hosts take pictures here, each in a form of its own.
  return {
    type: 'parts',
    parts: [{ type: 'opaque', origin: { dialect }, what: 'input', native: value }],
  }
}

function tokensIn(value: readonly Json[]): readonly number[] | undefined {
  const tokens = value.filter((entry) => typeof entry === 'number')
  return tokens.length === value.length ? tokens : undefined
}

function wrong(path: string, value: Json | undefined): WireError {
  const reason = value === undefined ? 'is missing: expected' : 'must be'
  const code = value === undefined ? 'missing' : 'wrong_type'
  return new WireError(
    code,
    `${path} ${reason} a text, a list of tokens, or a list of either`,
    path,
  )
}

export function encodeInputs(request: EmbedRequest, { leftovers }: Words): JsonObject {
  const { key, single } = leftovers.shapeOf(request)
  const [first] = request.inputs
  const isSingle = single === true && request.inputs.length === 1 && first !== undefined
  const value = isSingle ? encodeInput(first) : request.inputs.map((input) => encodeInput(input))
  return { [typeof key === 'string' ? key : 'input']: value }
}

function encodeInput(input: EmbedInput): Json {
  switch (input.type) {
    case 'text':
      return input.text
    case 'tokens':
      return input.tokens
    case 'parts': {
      const [part] = input.parts
      return part?.type === 'opaque' ? part.native : textOf(input.parts)
    }
  }
}
