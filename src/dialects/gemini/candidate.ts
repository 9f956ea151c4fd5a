// A candidate of a whole answer: what it says, why it ended, and what the vendor tells beside it.
import { compact } from '../../canonical/compact.ts'
import type { Node } from '../../canonical/extensions.ts'
import { type Part, textOf } from '../../canonical/part.ts'
import type { Candidate } from '../../canonical/response.ts'
import { type Item, type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { encodeParts } from './contents.ts'
import { AnswerCalls, decodeAnswerPart } from './decode-parts.ts'
import { leftovers, printed } from './extension.ts'
import { Fields } from './fields.ts'
import { printFinish, readFinish } from './finish.ts'
import { decodeCitations, encodeGrounding, encodePages, withCitations } from './grounding.ts'
import { groundedWork } from './grounded-work.ts'
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts'

/** What whole answers and chunks of streams say of a candidate; `at` is its place in their list. */
export interface ReadCandidate {
  readonly fields: Fields
  readonly index: number
  readonly items: readonly Item[]
  /** How it was written. */
  readonly shape: JsonObject
}

export function readCandidate(item: Item, at: number): ReadCandidate {
  const fields = Fields.of(item.value, item.path)
  const index = fields.optionalNumber('index')
  const content = fields.optionalFields('content')
  const role = content?.value('role')
  const items = content?.optionalItems('parts')
  return {
    fields,
    index: index ?? at,
    items: items ?? [],
    shape: compact({
      index: index === undefined ? 'absent' : undefined,
      content: content === undefined ? 'absent' : undefined,
      role: role === 'model' ? undefined : role === undefined ? 'absent' : role,
      parts: items === undefined ? 'absent' : undefined,
    }),
  }
}

/** `seed` names the answer. */
export function decodeCandidate(item: Item, at: number, seed: string): Candidate {
  const { fields, index, items, shape } = readCandidate(item, at)
  const calls = new AnswerCalls(`${seed}.${index}`)
  const parts = items.map((one, place) => decodeAnswerPart(one, `${seed}.${index}.${place}`, calls))
  const word = fields.peek('finishReason')
  const finish = readFinish(
    word,
    parts.some((part) => part.type === 'tool-call'),
  )
  if (finish !== undefined) fields.value('finishReason')
  return {
    index,
    parts: [
      ...withCitations(parts, decodeCitations(fields.source, textOf(parts))),
      ...groundedWork(parts, fields.source),
    ],
    ...compact({
      finish,
      logprobs: decodeLogprobs(fields.peek('logprobsResult')),
    }),
    ...fields.kept({ ...shape, finishReason: typeof word === 'number' ? word : undefined }),
  }
}

/** `own`: the answer came from this dialect, and its leftovers hold what was derived from them. */
export function encodeCandidate(
  candidate: Candidate,
  { own }: { readonly own: boolean },
): JsonObject {
  const { index, parts, finish, logprobs } = candidate
  const shape = leftovers.shapeOf(candidate)
  const derived = own
    ? {}
    : compact({
        groundingMetadata: encodeGrounding(parts),
        urlContextMetadata: encodePages(parts),
        logprobsResult: logprobs === undefined ? undefined : encodeLogprobs(logprobs),
      })
  const silent = own && finish === undefined
  return printed(candidate, {
    content: encodeContent(parts, shape),
    finishReason: silent ? undefined : (shape['finishReason'] ?? printFinish(finish, { own })),
    index: shape['index'] === 'absent' ? undefined : index,
    ...derived,
  })
}

function encodeContent(parts: readonly Part[], shape: JsonObject): JsonObject | undefined {
  const none = parts.length === 0
  if (none && shape['content'] === 'absent') return undefined
  const { role = 'model' } = shape
  return compact({
    parts: none && shape['parts'] === 'absent' ? undefined : encodeParts(parts),
    role: role === 'absent' ? undefined : role,
  })
}

/** Made up for a prompt that was blocked, which has no candidates; undefined where it was not. */
export function blockedCandidate(feedback: Json | undefined): Candidate | undefined {
  const raw = isObject(feedback) ? feedback['blockReason'] : undefined
  if (typeof raw !== 'string') return undefined
  return {
    index: 0,
    parts: [],
    finish: { reason: 'content-filter', raw },
    ...leftovers.keptFields(undefined, { blocked: true }),
  }
}

/** Whether the candidate stands for a blocked prompt only. */
export function isBlocked(candidate: Node): boolean {
  return leftovers.shapeOf(candidate)['blocked'] === true
}
