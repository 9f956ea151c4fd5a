// The model list, with what each model can do.
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

/** Mistral's names of what a model can do, and the field's. */
const CAPABILITIES = [
  ['function_calling', 'tools'],
  ['vision', 'vision'],
  ['reasoning', 'thinking'],
  ['audio', 'audio'],
] as const

/** A list, bare or under `data`; entries without an id are passed over. */
function decodeList(body: Json): readonly ModelCard[] {
  const list = isObject(body) ? body['data'] : body
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

/** What it can do is read, and stays in the leftovers too, to be printed as it came. */
function decodeOne(entry: JsonObject): ModelCard | undefined {
  const { id, name, created, owned_by: ownedBy, max_context_length: context } = entry
  if (typeof id !== 'string' || id === '') return undefined
  const reader = new ObjectReader(entry, '')
  reader.value('id')
  const known = compact({
    name: typeof name === 'string' ? name : undefined,
    createdMs: typeof created === 'number' ? created * 1000 : undefined,
    ownedBy: typeof ownedBy === 'string' ? ownedBy : undefined,
    contextTokens: typeof context === 'number' ? context : undefined,
    capabilities: capabilitiesOf(entry['capabilities']),
  })
  return { id, ...known, ...leftovers.keptFields(reader.rest() ?? {}) }
}

function capabilitiesOf(value: Json | undefined): readonly string[] | undefined {
  if (!isObject(value)) return undefined
  const found = CAPABILITIES.flatMap(([name, word]) => (value[name] === true ? [word] : []))
  return found.length === 0 ? undefined : found
}

/** The SDK takes a card only with its capabilities and `type`; an unknown date is 0. */
function encodeOne(card: ModelCard): JsonObject {
  const { id, name, createdMs = 0, ownedBy = 'system', contextTokens, capabilities = [] } = card
  if (leftovers.isOwn(card)) return leftovers.printed(card, { id })
  const able = CAPABILITIES.map(([name, word]) => [name, capabilities.includes(word)])
  return compact({
    id,
    object: 'model',
    created: Math.floor(createdMs / 1000),
    owned_by: ownedBy,
    capabilities: { completion_chat: !isOnlyEmbedding(capabilities), ...Object.fromEntries(able) },
    name: name ?? id,
    max_context_length: contextTokens,
    aliases: [],
    type: 'base',
  })
}

function isOnlyEmbedding(capabilities: readonly string[]): boolean {
  return capabilities.length > 0 && capabilities.every((word) => word === 'embedding')
}
