// Stored responses: which requests ask for them, where they are served, and how a response says that it is one.
import { compact } from '../../canonical/compact.ts'
import { isObject, tryParseJson } from '../../wire/json.ts'
import { patchJson, patchValue, textAt, withTextAt } from '../../wire/patch-json.ts'
import type { Frame } from '../../wire/frame.ts'
import type { AnswerMark, KeptEndpoint, Keeping } from '../keeping.ts'
import { inputText, recall, references, whole } from './kept-body.ts'
import { missing, noConversations } from './kept-errors.ts'
import { answeredItems, askedIds, idOf } from './kept-items.ts'
import { reply } from './kept-replies.ts'
import { unkept } from './storage.ts'

/** As the endpoint that makes them. */
const BASES = ['/v1/responses', '/responses', '/v1/v1/responses'] as const

const endpoints: readonly KeptEndpoint[] = BASES.flatMap((base): readonly KeptEndpoint[] => [
  { operation: 'retrieve', method: 'GET', path: `${base}/:id` },
  { operation: 'remove', method: 'DELETE', path: `${base}/:id` },
  { operation: 'inputs', method: 'GET', path: `${base}/:id/input_items` },
  { operation: 'cancel', method: 'POST', path: `${base}/:id/cancel` },
])

const unserved = ['/v1/conversations', '/conversations', '/v1/v1/conversations'].map((path) => ({
  path,
  refusal: () => noConversations(),
}))

export const keeping: Keeping = {
  endpoints,
  unserved,
  recall,
  references,
  whole,
  unkept,
  marked,
  mayHold: (piece) => piece.includes(`"${HELD}"`),
  held,
  holding: (frame, answer) => ({ ...frame, data: withTextAt(frame.data, [HELD], answer) }),
  toKeep,
  reply,
  missing,
}

function marked(answer: string, { id, kept, previous }: AnswerMark): string | undefined {
  const response = tryParseJson(answer)
  if (!isObject(response)) return undefined
  const edits = [
    ...(id === undefined ? [] : [{ path: ['id'], value: id }]),
    { path: ['store'], value: kept },
    { path: ['previous_response_id'], value: previous ?? null },
  ]
  return patchJson(answer, edits) ?? JSON.stringify(patchValue(response, edits))
}

/** The key of an event that has the whole response in it. */
const HELD = 'response'

/** By the event's type, whether the response has ended with it. */
const HOLDERS: ReadonlyMap<unknown, boolean> = new Map([
  ['response.created', false],
  ['response.queued', false],
  ['response.in_progress', false],
  ['response.completed', true],
  ['response.incomplete', true],
  ['response.failed', true],
])

function held({ event, data }: Frame): ReturnType<Keeping['held']> {
  const isLast = HOLDERS.get(event ?? typeOf(data))
  const answer = isLast === undefined ? undefined : textAt(data, [HELD])
  return isLast === undefined || answer === undefined ? undefined : { answer, isLast }
}

function typeOf(data: string): unknown {
  const event = tryParseJson(data)
  return isObject(event) ? event['type'] : undefined
}

function toKeep(
  ...[body, answer, { id, previous }]: Parameters<Keeping['toKeep']>
): ReturnType<Keeping['toKeep']> {
  const kept = { id, ...compact({ previous }), input: inputText(body), answer, items: [] }
  const asked = askedIds(kept).filter((item) => item !== undefined)
  const answered = answeredItems(kept).flatMap((item) => idOf(item) ?? [])
  return { ...kept, items: [...asked, ...answered] }
}
