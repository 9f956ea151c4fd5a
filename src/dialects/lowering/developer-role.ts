// Developer turns for targets that know system turns only.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from './pass.ts'
import { mapSame, withTurns } from './rewrite.ts'

/** Developer turns become system turns where they stand. */
export function developerAsSystem(): Pass {
  return (request) => {
    const notes: Note[] = []
    const turns = mapSame(request.turns, (turn, at) => {
      if (turn.role !== 'developer') return turn
      notes.push({
        action: 'approximated',
        feature: 'developer_role',
        path: `turns[${at}].role`,
        weight: 1,
        reason: 'the target has no developer role; it reads this as a system message',
      })
      return { ...turn, role: 'system' as const }
    })
    return { value: withTurns(request, turns), notes }
  }
}
