// Calls and results: after a message with N calls the vendor takes exactly N results, no more, no fewer.
import type { Note } from '../../canonical/note.ts'
import { type Part, type ToolCallPart, type ToolResultPart, textOf } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { withParts, withTurns } from '../lowering/rewrite.ts'

/** Run when speakers take turns. Puts results in the order of their calls, makes up those that are missing, and tells stray ones as text. */
export const answeredCalls: Pass = (request) => {
  const notes: Note[] = []
  const turns: Turn[] = []
  let waiting: readonly ToolCallPart[] = []
  for (const [at, turn] of request.turns.entries()) {
    const path = `turns[${at}]`
    if (waiting.length > 0 && turn.role !== 'user') {
      turns.push({ role: 'user', parts: resultsFor(waiting, [], { path, notes }) })
    }
    turns.push(turn.role === 'user' ? answered(turn, waiting, { path, notes }) : turn)
    waiting = turn.parts.filter((part) => part.type === 'tool-call')
  }
  if (waiting.length > 0) {
    const path = `turns[${request.turns.length}]`
    turns.push({ role: 'user', parts: resultsFor(waiting, [], { path, notes }) })
  }
  const same = turns.length === request.turns.length
  return {
    value:
      same && turns.every((turn, at) => turn === request.turns[at])
        ? request
        : withTurns(request, turns),
    notes,
  }
}

interface Place {
  readonly path: string
  readonly notes: Note[]
}

function answered(turn: Turn, calls: readonly ToolCallPart[], place: Place): Turn {
  const given = turn.parts.filter((part) => part.type === 'tool-result')
  if (calls.length === 0 && given.length === 0) return turn
  const results = resultsFor(calls, given, place)
  const others = turn.parts.map((part) => {
    if (part.type !== 'tool-result') return part
    return results.includes(part) ? undefined : asText(part, place)
  })
  const parts = [...results, ...others.filter((part) => part !== undefined)]
  const same =
    parts.length === turn.parts.length && parts.every((part, at) => part === turn.parts[at])
  return same ? turn : withParts(turn, parts)
}

/** One result a call, each used once. */
function resultsFor(
  calls: readonly ToolCallPart[],
  given: readonly ToolResultPart[],
  place: Place,
): readonly Part[] {
  const left = [...given]
  return calls.map((call) => {
    const at = left.findIndex((result) => result.callId === call.callId)
    const [found] = at === -1 ? [] : left.splice(at, 1)
    return found ?? missing(call, place)
  })
}

function missing(call: ToolCallPart, { path, notes }: Place): ToolResultPart {
  notes.push({
    action: 'synthesized',
    feature: 'tool_result',
    path,
    weight: 2,
    reason: 'the target wants a result for every call, and this one has none',
    from: call.callId,
  })
  return {
    type: 'tool-result',
    callId: call.callId,
    name: call.name,
    isError: true,
    content: [{ type: 'text', text: 'No result was given.' }],
  }
}

function asText(result: ToolResultPart, { path, notes }: Place): Part {
  notes.push({
    action: 'approximated',
    feature: 'tool_result',
    path,
    weight: 2,
    reason: 'the target takes a result right after its call only; this one stands as text',
    from: result.callId,
  })
  return { type: 'text', text: `Result of ${result.name ?? 'a tool'}: ${textOf(result.content)}` }
}
