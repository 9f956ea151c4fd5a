// The endpoints of one kept response: itself, its deletion, the items it was made from, and the refusal to cancel it.
import type { JsonObject } from '../../wire/json.ts'
import type { Keeping, Look } from '../keeping.ts'
import { badQuery, missing, noReplay, notCancellable } from './kept-errors.ts'
import { ItemList, answeredItems, askedItems, idOf } from './kept-items.ts'

export const reply: Keeping['reply'] = (operation, look) => {
  const { kept, query } = look
  switch (operation) {
    case 'retrieve':
      if (query.get('stream') === 'true') throw noReplay()
      return kept.answer
    case 'remove':
      return JSON.stringify({ id: kept.id, object: 'response', deleted: true })
    case 'inputs':
      return JSON.stringify(page(madeFrom(look), query))
    case 'cancel':
      throw notCancellable()
  }
}

/** The whole conversation that the model was shown. What a request only names is listed so, unless it is listed already. */
function madeFrom({ kept, before }: Look): readonly JsonObject[] {
  const list = new ItemList()
  for (const one of [...before, kept]) {
    const answerId = one.id
    for (const [at, item] of askedItems(one).entries()) {
      list.add(item, { answerId, place: `in${at}` })
    }
    if (one === kept) continue
    for (const [at, item] of answeredItems(one).entries()) {
      list.add(item, { answerId, place: `out${at}` })
    }
  }
  return list.items
}

const USUAL_LIMIT = 20
const MOST = 100

function page(items: readonly JsonObject[], query: URLSearchParams): JsonObject {
  const limit = limitOf(query)
  const ordered = orderOf(query) === 'asc' ? items : items.toReversed()
  const after = query.get('after')
  const at = after === null ? -1 : ordered.findIndex((item) => idOf(item) === after)
  if (after !== null && at === -1) throw missing('item', after)
  const data = ordered.slice(at + 1, at + 1 + limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: at + 1 + limit < ordered.length,
  }
}

function limitOf(query: URLSearchParams): number {
  const text = query.get('limit')
  if (text === null) return USUAL_LIMIT
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit
  throw badQuery('limit', `a whole number from 1 to ${MOST}`)
}

function orderOf(query: URLSearchParams): 'asc' | 'desc' {
  const order = query.get('order') ?? 'desc'
  if (order === 'asc' || order === 'desc') return order
  throw badQuery('order', '"asc" or "desc"')
}
