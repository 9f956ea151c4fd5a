// One assistant message where the source had several in a row.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { withParts } from './rewrite.ts'

export interface CoalesceRules {
  /** `by-kind`, the default: reasoning first, then what was said, then the calls, each in its order. `as-said`: no part changes its place. */
  readonly order?: 'by-kind' | 'as-said'
}

/** Merges adjacent assistant turns. */
export function coalesce({ order = 'by-kind' }: CoalesceRules = {}): Pass {
  return (request) => {
    const notes: Note[] = []
    const turns: Turn[] = []
    for (const [at, turn] of request.turns.entries()) {
      const before = turns.at(-1)
      if (turn.role === 'assistant' && before?.role === 'assistant') {
        const parts = [...before.parts, ...turn.parts]
        turns[turns.length - 1] = withParts(
          before,
          order === 'as-said' ? parts : parts.toSorted(byRank),
        )
        notes.push({
          action: 'merged',
          feature: 'assistant_turns',
          path: `turns[${at}]`,
          weight: 0,
          reason: 'the target wants one assistant message in a row',
        })
      } else turns.push(turn)
    }
    return { value: notes.length === 0 ? request : { ...request, turns }, notes }
  }
}

function byRank(left: Part, right: Part): number {
  return rank(left) - rank(right)
}

function rank(part: Part): number {
  if (part.type === 'reasoning') return 0
  return part.type === 'tool-call' ? 2 : 1
}
