// Speakers in turn, for targets where nobody speaks twice in a row.
import type { Note } from '../../canonical/note.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { withParts, withTurns } from './rewrite.ts'

/** Merges neighbours of the same role, their parts in order; turns of different names or places stay apart. */
export function alternate(): Pass {
  return (request) => {
    const notes: Note[] = []
    const turns: Turn[] = []
    for (const [at, turn] of request.turns.entries()) {
      const before = turns.at(-1)
      if (before !== undefined && together(before, turn)) {
        turns[turns.length - 1] = withParts(before, [...before.parts, ...turn.parts])
        notes.push({
          action: 'merged',
          feature: `${turn.role}_turns`,
          path: `turns[${at}]`,
          weight: 0,
          reason: 'the target wants the speakers to take turns',
        })
      } else turns.push(turn)
    }
    return { value: notes.length === 0 ? request : withTurns(request, turns), notes }
  }
}

function together(before: Turn, turn: Turn): boolean {
  return before.role === turn.role && before.place === turn.place && before.name === turn.name
}
