// Model lists: one page holds all of ours; an upstream's are asked for as long as can be.
import { compact } from '../../canonical/compact.ts'
import type { ModelCard } from '../../canonical/model-card.ts'
import { type Item, type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import type { ModelsCodec } from '../dialect.ts'
import { leftovers } from './extension.ts'

export const modelsCodec: ModelsCodec = {
  listPath: '/v1/models?limit=1000',
  decodeList: (body) =>
    ObjectReader.of(body, '')
      .items('data')
      .map((item) => decodeModel(item)),
  nextPage: (body) => {
    const reader = ObjectReader.of(body, '')
    const last = reader.peek('last_id')
    return reader.peek('has_more') === true && typeof last === 'string'
      ? { after_id: last }
      : undefined
  },
  encodeList: (cards) => ({
    data: cards.map((card) => encodeModel(card)),
    has_more: false,
    first_id: cards.at(0)?.id ?? null,
    last_id: cards.at(-1)?.id ?? null,
  }),
  encodeOne: (card) => encodeModel(card),
}

function decodeModel(item: Item): ModelCard {
  const reader = ObjectReader.of(item.value, item.path)
  reader.value('type')
  const createdAt = reader.optionalString('created_at')
  return {
    id: reader.string('id'),
    ...compact({
      name: reader.optionalString('display_name'),
      createdMs: createdMs(createdAt, reader.peek('created')),
      contextTokens: reader.optionalNumber('max_input_tokens'),
      maxOutputTokens: reader.optionalNumber('max_tokens'),
      capabilities: capabilitiesOf(reader.peek('capabilities')),
    }),
    ...leftovers.kept(reader),
  }
}

/** Compatible servers answer with another protocol's list, whose times are seconds. */
function createdMs(createdAt: string | undefined, created: Json | undefined): number | undefined {
  const time = createdAt === undefined ? Number.NaN : Date.parse(createdAt)
  if (!Number.isNaN(time)) return time > 0 ? time : undefined
  return typeof created === 'number' && created > 0 ? created * 1000 : undefined
}

const CAPABILITIES = [
  ['image_input', 'vision'],
  ['thinking', 'thinking'],
  ['structured_outputs', 'structured_output'],
] as const

function capabilitiesOf(value: Json | undefined): readonly string[] | undefined {
  if (!isObject(value)) return undefined
  const words = CAPABILITIES.flatMap(([key, word]) => {
    const entry = value[key]
    return isObject(entry) && entry['supported'] === true ? [word] : []
  })
  return ['tools', ...words]
}

function encodeModel(card: ModelCard): JsonObject {
  return leftovers.printed(card, {
    type: 'model',
    id: card.id,
    display_name: card.name ?? card.id,
    created_at: rfc3339(card.createdMs ?? 0),
    max_input_tokens: card.contextTokens,
    max_tokens: card.maxOutputTokens,
  })
}

/** The vendor's own word for an unknown date is 1970 too. */
function rfc3339(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}
