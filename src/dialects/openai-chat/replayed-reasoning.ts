// Which assistant turns carry their thinking back to the host: some must not see it again, some insist.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { mapSame, withParts, withTurns } from '../lowering/rewrite.ts'
import type { Flags } from './flags.ts'
import { OPENAI_CHAT } from './wire-types.ts'

/** Takes thinking out of the turns that are not to carry it; what the host has signed is its own. */
export function replayedReasoning(rule: NonNullable<Flags['reasoningReplay']>): Pass {
  return (request) => {
    if (rule === 'always') return { value: request, notes: [] }
    const from = rule === 'never' ? Infinity : lastQuestion(request.turns)
    const notes: Note[] = []
    const turns = mapSame(request.turns, (turn, at) => {
      const silent = turn.parts.filter((part) => part.type !== 'reasoning' || isOwnState(part))
      if (at > from || turn.role !== 'assistant' || silent.length === turn.parts.length) return turn
      notes.push({
        action: 'dropped',
        feature: 'reasoning',
        path: `turns[${at}]`,
        weight: 1,
        reason: 'the target does not take back the thinking of this turn',
      })
      return withParts(turn, silent)
    })
    return { value: withTurns(request, turns), notes }
  }
}

function isOwnState({ seal }: Part): boolean {
  return seal?.origin.dialect === OPENAI_CHAT
}

/** The last turn in which the user spoke: a tool loop is what follows it. */
function lastQuestion(turns: readonly Turn[]): number {
  return turns.findLastIndex((turn) => turn.role === 'user')
}
