// Model lists: resources named `models/…`, with their limits and what may be called on them.
import { compact } from '../../canonical/compact.ts'
import type { ModelCard } from '../../canonical/model-card.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import type { ModelsCodec } from '../dialect.ts'
import { resourceName } from './address.ts'
import { leftovers, printed } from './extension.ts'
import { Fields } from './fields.ts'

/** One page may hold up to 1000 models; by itself it gives 50. */
export const models: ModelsCodec = {
  listPath: '/v1beta/models?pageSize=1000',
  decodeList(body) {
    const items = ObjectReader.of(body, '').optionalItems('models') ?? []
    return items.map((item) => decodeCard(Fields.of(item.value, item.path)))
  },
  nextPage: (body) => {
    const token = ObjectReader.of(body, '').peek('nextPageToken')
    return typeof token === 'string' && token !== '' ? { pageToken: token } : undefined
  },
  encodeList: (cards) => ({ models: cards.map((card) => encodeCard(card)) }),
  encodeOne: encodeCard,
}

/** What a model can be asked for, by the method that asks. */
const CAPABILITIES: ReadonlyMap<string, string> = new Map([
  ['generateContent', 'completion'],
  ['embedContent', 'embedding'],
])

function decodeCard(fields: Fields): ModelCard {
  const resource = fields.string('name')
  const methods = fields.peek('supportedGenerationMethods')
  const words = (Array.isArray(methods) ? methods : []).flatMap(
    (method) => CAPABILITIES.get(String(method)) ?? [],
  )
  const thinking = fields.peek('thinking') === true ? ['thinking'] : []
  return {
    id: idOf(resource),
    ...compact({
      name: fields.optionalString('displayName'),
      contextTokens: fields.optionalNumber('inputTokenLimit'),
      maxOutputTokens: fields.optionalNumber('outputTokenLimit'),
      capabilities: words.length + thinking.length === 0 ? undefined : [...words, ...thinking],
    }),
    ...fields.kept({ name: resource }),
  }
}

function idOf(resource: string): string {
  return resource.startsWith('models/') ? resource.slice('models/'.length) : resource
}

const METHODS: Json = ['generateContent', 'streamGenerateContent']

function encodeCard(card: ModelCard): JsonObject {
  const { name: resource } = leftovers.shapeOf(card)
  if (typeof resource !== 'string') return encodeForeign(card)
  return printed(card, {
    // Behind a gateway a model has another id than its vendor gave it.
    name: idOf(resource) === card.id ? resource : resourceName(card.id),
    displayName: card.name,
    inputTokenLimit: card.contextTokens,
    outputTokenLimit: card.maxOutputTokens,
  })
}

function encodeForeign(card: ModelCard): JsonObject {
  const embeds =
    card.capabilities?.includes('embedding') === true && !card.capabilities.includes('completion')
  return compact({
    name: resourceName(card.id),
    version: 'unknown',
    displayName: card.name ?? card.id,
    inputTokenLimit: card.contextTokens,
    outputTokenLimit: card.maxOutputTokens,
    supportedGenerationMethods: embeds ? ['embedContent'] : METHODS,
    thinking: card.capabilities?.includes('thinking') === true ? true : undefined,
  })
}
