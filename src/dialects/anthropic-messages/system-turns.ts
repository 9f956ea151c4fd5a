// Instructions: those before the conversation go to the top; later ones stay where they are, so that cached prefixes stay too.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { mapSame, withTurns } from '../lowering/rewrite.ts'
import type { MessageFlags } from './flags.ts'
import { DIALECT } from './wire-types.ts'

/** A later system turn becomes a user turn that says so, unless the target takes it, or the client spoke this wire itself. */
export function systemTurns(flags: Pick<MessageFlags, 'systemTurns'>): Pass {
  return (request) => {
    if (request.origin.dialect === DIALECT) return { value: request, notes: [] }
    const notes: Note[] = []
    const first = request.turns.findIndex((turn) => turn.role !== 'system')
    const leading = first === -1 ? request.turns.length : first
    const turns = mapSame(request.turns, (turn, at): Turn => {
      if (turn.role !== 'system' || turn.place === 'top') return turn
      if (at < leading) return { ...turn, place: 'top' }
      if (flags.systemTurns) return turn
      notes.push({
        action: 'approximated',
        feature: 'system_position',
        path: `turns[${at}]`,
        weight: 2,
        reason:
          'the target takes instructions before the conversation only; a marked user turn holds these',
      })
      return { ...turn, role: 'user', parts: marked(turn.parts) }
    })
    return { value: withTurns(request, turns), notes }
  }
}

function marked(parts: readonly Part[]): readonly Part[] {
  return [{ type: 'text', text: '<system>' }, ...parts, { type: 'text', text: '</system>' }]
}
