// Calls and results that lost each other, for targets that refuse a history in which one stands without the other.
import type { Note } from '../../canonical/note.ts'
import type { Part, ToolCallPart, ToolResultPart } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import { type Pass, unchanged } from './pass.ts'
import { flatMapSame, withParts, withTurns } from './rewrite.ts'
import { hasAny } from './traits.ts'

/** Assistant turns in a row, and all turns up to the next ones: there their calls must be answered. */
interface Round {
  readonly asked: readonly Turn[]
  readonly replies: readonly Turn[]
  /** Where its first turn stands in the request. */
  readonly start: number
}

/** A result whose call did not come right before becomes what the user says; the others come first, before what else is said. */
export function orphanResults(): Pass {
  return (request) => {
    if (!hasAny(request, ['tool-result', 'tool-turn'])) return unchanged(request)
    const notes: Note[] = []
    const turns = roundsOf(request).flatMap((round) => adopted(round, notes))
    return { value: withTurns(request, sameOr(request.turns, turns)), notes }
  }
}

/** A call without a result gets one that says so. Run when results are tool turns. */
export function orphanCalls(): Pass {
  return (request) => {
    if (!hasAny(request, ['tool-call'])) return unchanged(request)
    const notes: Note[] = []
    const turns = roundsOf(request).flatMap(({ asked, replies, start }) => {
      const missing = unanswered(asked, replies)
      const path = `turns[${start + asked.length - 1}]`
      notes.push(...missing.map((call) => noResult(call, path)))
      const other = replies.findIndex((turn) => turn.role !== 'tool')
      const end = other === -1 ? replies.length : other
      const results = missing.map((call) => withoutResult(call))
      return [...asked, ...replies.slice(0, end), ...results, ...replies.slice(end)]
    })
    return { value: withTurns(request, sameOr(request.turns, turns)), notes }
  }
}

function roundsOf({ turns }: ChatRequest): readonly Round[] {
  const starts = turns.flatMap((turn, at) =>
    at === 0 || (turn.role === 'assistant' && turns[at - 1]?.role !== 'assistant') ? [at] : [],
  )
  return starts.map((start, nth) => {
    const round = turns.slice(start, starts[nth + 1])
    const first = round.findIndex((turn) => turn.role !== 'assistant')
    const end = first === -1 ? round.length : first
    return { asked: round.slice(0, end), replies: round.slice(end), start }
  })
}

function callsIn(turns: readonly Turn[]): readonly ToolCallPart[] {
  return turns.flatMap((turn) => turn.parts.filter((part) => part.type === 'tool-call'))
}

function unanswered(asked: readonly Turn[], replies: readonly Turn[]): readonly ToolCallPart[] {
  const done = new Set(
    replies.flatMap((turn) =>
      turn.parts.flatMap((part) => (part.type === 'tool-result' ? [part.callId] : [])),
    ),
  )
  return callsIn(asked).filter((call) => {
    const open = !done.has(call.callId)
    done.add(call.callId)
    return open
  })
}

/** Where the results stand that answer a call: of several for one the last, which is what came of it in the end. */
function answersTo(asked: readonly Turn[], replies: readonly Turn[]): ReadonlySet<string> {
  const open = callsIn(asked).map((call) => call.callId)
  const given = replies.flatMap((turn, at) =>
    turn.parts.flatMap((part, nth) =>
      part.type === 'tool-result' ? [{ place: `${at}.${nth}`, callId: part.callId }] : [],
    ),
  )
  const answers = given.toReversed().filter(({ callId }) => {
    const at = open.indexOf(callId)
    if (at !== -1) open.splice(at, 1)
    return at !== -1
  })
  return new Set(answers.map(({ place }) => place))
}

function adopted({ asked, replies, start }: Round, notes: Note[]): readonly Turn[] {
  const answers = answersTo(asked, replies)
  const results: Turn[] = []
  const others: Turn[] = []
  for (const [at, turn] of replies.entries()) {
    const path = `turns[${start + asked.length + at}].parts`
    const parts = flatMapSame(turn.parts, (part, nth) => {
      if (part.type !== 'tool-result' || answers.has(`${at}.${nth}`)) return [part]
      notes.push(noCall(part, `${path}[${nth}]`))
      return asText(part)
    })
    if (turn.role === 'tool') {
      const [kept, told] = sorted(parts)
      if (kept.length > 0) results.push(told.length === 0 ? turn : withParts(turn, kept))
      if (told.length > 0) others.push({ role: 'user', parts: told })
    } else others.push(withParts(turn, parts))
  }
  return [...asked, ...results, ...others]
}

function sorted(
  parts: readonly Part[],
): readonly [results: readonly Part[], others: readonly Part[]] {
  return [
    parts.filter((part) => part.type === 'tool-result'),
    parts.filter((part) => part.type !== 'tool-result'),
  ]
}

function asText({ name, callId, content }: ToolResultPart): readonly Part[] {
  const text = `Result of a tool call that is not in this conversation (${name ?? callId}):`
  return [{ type: 'text', text }, ...content]
}

function withoutResult({ callId }: ToolCallPart): Turn {
  const content = [{ type: 'text', text: 'No result was given.' }] as const
  return { role: 'tool', parts: [{ type: 'tool-result', callId, content, isError: true }] }
}

function noCall({ callId }: ToolResultPart, path: string): Note {
  return {
    action: 'approximated',
    feature: 'tool_result',
    path,
    weight: 2,
    reason: 'the target takes a result right behind its call only; it stands in the text',
    from: callId,
  }
}

function noResult({ callId }: ToolCallPart, path: string): Note {
  return {
    action: 'synthesized',
    feature: 'tool_result',
    path,
    weight: 2,
    reason: 'the target wants a result for each call',
    from: callId,
  }
}

/** The same list when nothing has changed its place. */
function sameOr(before: readonly Turn[], after: readonly Turn[]): readonly Turn[] {
  return before.length === after.length && before.every((turn, at) => turn === after[at])
    ? before
    : after
}
