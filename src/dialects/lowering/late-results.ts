// Results that come too late: behind words or further calls, for targets that want each right behind its call.
import type { Note } from '../../canonical/note.ts'
import type { ToolResultPart } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import { type Pass, unchanged } from './pass.ts'
import { flatMapSame, withParts } from './rewrite.ts'
import { hasAny } from './traits.ts'

/**
 * Moves a result behind the last calls before it that still waited for it. Run when results are tool turns, before
 * orphanResults and orphanCalls, which see to the others.
 */
export function lateResults(): Pass {
  return (request) => {
    if (!hasAny(request, ['tool-result'])) return unchanged(request)
    const moves = movesIn(request)
    if (moves.length === 0) return { value: request, notes: [] }
    const turns = request.turns.flatMap((turn, at) => {
      const gone = new Set(
        moves.filter(({ from }) => from.turn === at).map(({ from }) => from.part),
      )
      const parts = flatMapSame(turn.parts, (part, nth) => (gone.has(nth) ? [] : [part]))
      const arriving = moves.flatMap(({ to, result }): readonly Turn[] =>
        to === at ? [{ role: 'tool', parts: [result] }] : [],
      )
      const emptied = parts.length === 0 && turn.parts.length > 0
      return [...(emptied ? [] : [withParts(turn, parts)]), ...arriving]
    })
    return { value: { ...request, turns }, notes: moves.map(({ note }) => note) }
  }
}

interface Move {
  readonly result: ToolResultPart
  readonly from: { readonly turn: number; readonly part: number }
  /** The turn behind which it belongs. */
  readonly to: number
  readonly note: Note
}

/** Calls of one id that wait for results. */
interface Waiting {
  /** The last of the assistant's turns in a row that hold them. */
  readonly end: number
  open: number
}

function movesIn({ turns }: ChatRequest): readonly Move[] {
  const moves: Move[] = []
  const calls = new Map<string, Waiting>()
  for (const [at, turn] of turns.entries()) {
    for (const [nth, part] of turn.parts.entries()) {
      if (part.type === 'tool-call') {
        const end = endOfRun(turns, at)
        const known = calls.get(part.callId)
        if (known?.end === end) known.open += 1
        else calls.set(part.callId, { end, open: 1 })
      }
      if (part.type !== 'tool-result') continue
      const call = calls.get(part.callId)
      if (call === undefined || call.open === 0) continue
      call.open -= 1
      if (turns.slice(call.end + 1, at).every(isTool)) continue
      const note = moved(part, `turns[${at}].parts[${nth}]`)
      moves.push({ result: part, from: { turn: at, part: nth }, to: call.end, note })
    }
  }
  return moves
}

function endOfRun(turns: readonly Turn[], start: number): number {
  let end = start
  while (turns[end + 1]?.role === 'assistant') end += 1
  return end
}

function isTool({ role }: Turn): boolean {
  return role === 'tool'
}

function moved({ callId }: ToolResultPart, path: string): Note {
  return {
    action: 'reordered',
    feature: 'tool_result',
    path,
    weight: 1,
    reason: 'the target wants a result right behind its call',
    from: callId,
  }
}
