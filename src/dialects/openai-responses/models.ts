// The model list of hosts that speak this protocol: OpenAI's own form.
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
  const list = isObject(body) ? body['data'] : body
  if (!isArray(list)) {
    throw new GatewayError('upstream', 'The provider sent a model list in an unknown form.', {
      origin: 'upstream',
      code: 'upstream_malformed',
    })
  }
  return list.filter((entry) => isObject(entry)).flatMap((entry) => decodeOne(entry))
}

function decodeOne(entry: JsonObject): readonly ModelCard[] {
  const { id, created, owned_by: ownedBy } = entry
  if (typeof id !== 'string' || id === '') return []
  const reader = new ObjectReader(entry, '')
  reader.value('id')
  if (typeof created === 'number') reader.value('created')
  if (typeof ownedBy === 'string') reader.value('owned_by')
  return [
    {
      id,
      ...compact({
        createdMs: typeof created === 'number' ? created * 1000 : undefined,
        ownedBy: typeof ownedBy === 'string' ? ownedBy : undefined,
      }),
      ...leftovers.owned(reader.rest()),
    },
  ]
}

/** The SDKs want `created` and `owned_by`, so that an unknown date is 0 here. */
function encodeOne(card: ModelCard): JsonObject {
  const { id, createdMs, ownedBy } = card
  const created = createdMs === undefined ? undefined : Math.floor(createdMs / 1000)
  if (leftovers.isOwn(card))
    return leftovers.printed(card, compact({ id, created, owned_by: ownedBy }))
  return { id, object: 'model', created: created ?? 0, owned_by: ownedBy ?? 'system' }
}
