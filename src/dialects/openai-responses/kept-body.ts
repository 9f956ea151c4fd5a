// A request that stands on what is kept, and the same request standing on its own.
import type { KeptAnswer } from '../../canonical/kept-answer.ts'
import type { Note } from '../../canonical/note.ts'
import {
  type Json,
  type JsonObject,
  ObjectReader,
  isArray,
  isObject,
  parseJson,
} from '../../wire/json.ts'
import type { Keeping, Recall, Recalled } from '../keeping.ts'
import {
  duplicateItem,
  failedPrevious,
  missing,
  noBackground,
  noConversations,
  templateWithoutModel,
} from './kept-errors.ts'
import { answeredItems, askedIds, askedItems, idOf, inputItems, referenceOf } from './kept-items.ts'

/** Answers are kept unless the request says otherwise. */
export const recall: Keeping['recall'] = (body): Recall => {
  if (!isObject(body)) return { keep: false }
  const reader = new ObjectReader(body, '')
  if (reader.optionalBoolean('background') === true) throw noBackground()
  const conversation = reader.peek('conversation') ?? null
  if (conversation !== null) throw noConversations('conversation')
  if (isObject(reader.peek('prompt')) && !reader.has('model')) throw templateWithoutModel()
  const previous = reader.optionalString('previous_response_id')
  const keep = reader.optionalBoolean('store') !== false
  return previous === undefined ? { keep } : { keep, previous }
}

export const references: Keeping['references'] = (body, conversation) => {
  const own = isObject(body) ? inputItems(body['input']) : []
  return [...conversation.flatMap(askedItems), ...own]
    .map(referenceOf)
    .filter((id) => id !== undefined)
}

export const whole: Keeping['whole'] = (body, recalled) => {
  if (!isObject(body)) return { value: body, notes: [] }
  const { previous_response_id: previous, ...rest } = body
  const alone = typeof previous === 'string' ? rest : body
  const before = spokenBefore(recalled)
  const asked = inputItems(body['input'])
  const own = resolved(asked, recalled.holders)
  if (before.length === 0 && own.every((item, at) => item === asked[at])) {
    return { value: alone, notes: [] }
  }
  const known = new Set(before.map(idOf))
  const twice = own.map(idOf).find((id) => id !== undefined && known.has(id))
  if (twice !== undefined) throw duplicateItem(twice)
  const history = before.flatMap(onItsOwn)
  return {
    value: { ...alone, input: [...history, ...own] },
    notes: history.length === before.length ? [] : [THOUGHT_LOST],
  }
}

const THOUGHT_LOST: Note = {
  action: 'dropped',
  feature: 'reasoning',
  path: 'previous_response_id',
  weight: 1,
  reason: 'an earlier answer has thinking without its encrypted form',
}

/** Instructions and settings of earlier requests do not count any more: only what was said does. */
function spokenBefore({ conversation, holders }: Recalled): readonly JsonObject[] {
  const last = conversation.at(-1)
  if (last !== undefined && hasFailed(last)) throw failedPrevious(last.id)
  const items = conversation.flatMap((kept) => [
    ...resolved(askedItems(kept), holders),
    ...answeredItems(kept),
  ])
  // Some hosts give every answer's items the same ids.
  const seen = new Set<string>()
  return items.map((item) => {
    const id = idOf(item)
    if (id === undefined || !seen.has(id)) {
      if (id !== undefined) seen.add(id)
      return item
    }
    return withoutId(item)
  })
}

function hasFailed({ answer }: KeptAnswer): boolean {
  const response = parseJson(answer)
  return isObject(response) && response['status'] === 'failed'
}

/** With the items that are named in place of their names. */
function resolved(
  items: readonly JsonObject[],
  holders: Recalled['holders'],
): readonly JsonObject[] {
  return items.map((item) => {
    const id = referenceOf(item)
    if (id === undefined) return item
    const found = itemIn(holders.get(id), id)
    if (found === undefined) throw missing('item', id)
    return found
  })
}

function itemIn(kept: KeptAnswer | undefined, id: string): JsonObject | undefined {
  if (kept === undefined) return undefined
  const answered = answeredItems(kept).find((item) => idOf(item) === id)
  if (answered !== undefined) return answered
  const at = askedIds(kept).indexOf(id)
  return at === -1 ? undefined : askedItems(kept)[at]
}

/**
 * Thinking without its encrypted form is known by its id alone, and only to who has stored it. What can be read of it
 * may go on without the id; a summary is not the thinking itself (fact sheet, section 4).
 */
function onItsOwn(item: JsonObject): readonly JsonObject[] {
  if (item['type'] !== 'reasoning' || typeof item['encrypted_content'] === 'string') return [item]
  const { content } = item
  return isArray(content) && content.length > 0 ? [withoutId(item)] : []
}

function withoutId(item: JsonObject): JsonObject {
  const { id: _, ...rest } = item
  return rest
}

/** The input as it is kept: nothing but what this request added. */
export function inputText(body: Json): string {
  return JSON.stringify(isObject(body) ? inputItems(body['input']) : [])
}
