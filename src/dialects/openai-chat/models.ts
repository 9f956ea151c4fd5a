// The model list: OpenAI's own, the bare array of some hosts, and the facts that richer hosts add.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ModelCard } from '../../canonical/model-card.ts'
import { type Json, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import type { ModelsCodec } from '../dialect.ts'
import { leftovers } from './extension.ts'

export const models: ModelsCodec = {
  listPath: '/models',
  decodeList,
  encodeList: (cards) => ({ object: 'list', data: cards.map((card) => encodeOne(card)) }),
  encodeOne,
}

/** Entries without an id are passed over. */
function decodeList(body: Json): readonly ModelCard[] {
  const list = isObject(body) ? (body['data'] ?? body['models']) : body
  if (!isArray(list)) {
    throw new GatewayError('upstream', 'The provider sent a model list in an unknown form.', {
      origin: 'upstream',
      code: 'upstream_malformed',
    })
  }
  return list.flatMap((entry) => {
    const card = isObject(entry) ? decodeOne(entry) : undefined
    return card === undefined ? [] : [card]
  })
}

/** Facts that this wire has no one word for are read and stay in the leftovers too, to be printed as they came. */
function decodeOne(entry: JsonObject): ModelCard | undefined {
  const { id, name, created, owned_by: ownedBy } = entry
  if (typeof id !== 'string' || id === '') return undefined
  const reader = new ObjectReader(entry, '')
  reader.value('id')
  if (typeof created === 'number') reader.value('created')
  if (typeof ownedBy === 'string') reader.value('owned_by')
  return {
    id,
    ...compact({
      name: typeof name === 'string' ? name : undefined,
      createdMs: typeof created === 'number' ? created * 1000 : undefined,
      ownedBy: typeof ownedBy === 'string' ? ownedBy : undefined,
      contextTokens: contextTokens(entry),
      maxOutputTokens: maxOutputTokens(entry),
      capabilities: capabilities(entry),
    }),
    ...leftovers.owned(reader.rest()),
  }
}

function contextTokens(entry: JsonObject): number | undefined {
  return firstNumber([
    entry['context_length'],
    entry['context_window'],
    entry['max_model_len'],
    entry['max_context_length'],
    inside(entry, 'meta', 'n_ctx_train'),
  ])
}

function maxOutputTokens(entry: JsonObject): number | undefined {
  return firstNumber([
    entry['max_completion_tokens'],
    entry['max_output_tokens'],
    inside(entry, 'top_provider', 'max_completion_tokens'),
  ])
}

function firstNumber(values: readonly (Json | undefined)[]): number | undefined {
  return values.find((value) => typeof value === 'number')
}

function inside(entry: JsonObject, outer: string, key: string): Json | undefined {
  const value = entry[outer]
  return isObject(value) ? value[key] : undefined
}

/** In the field's words: `tools`, `vision`, `thinking`. */
function capabilities(entry: JsonObject): readonly string[] | undefined {
  const parameters = entry['supported_parameters']
  const inputs = inside(entry, 'architecture', 'input_modalities')
  const found = [
    has(parameters, 'tools') ? 'tools' : undefined,
    has(parameters, 'reasoning') ? 'thinking' : undefined,
    has(inputs, 'image') ? 'vision' : undefined,
  ].filter((word) => word !== undefined)
  return found.length === 0 ? undefined : found
}

function has(list: Json | undefined, word: string): boolean {
  return isArray(list) && list.includes(word)
}

/** The SDKs want `created` and `owned_by`, so that an unknown date is 0 here. */
function encodeOne(card: ModelCard): JsonObject {
  const { id, name, createdMs, ownedBy, contextTokens } = card
  const created = createdMs === undefined ? undefined : Math.floor(createdMs / 1000)
  if (leftovers.isOwn(card))
    return leftovers.printed(card, compact({ id, created, owned_by: ownedBy }))
  return compact({
    id,
    object: 'model',
    created: created ?? 0,
    owned_by: ownedBy ?? 'system',
    name,
    context_length: contextTokens,
  })
}
