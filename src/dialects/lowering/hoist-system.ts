// Instructions for targets that take them outside the message list only.
import type { Note } from '../../canonical/note.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'

/** Every system and developer turn becomes a system turn at the top, in their order. */
export function hoistSystem(): Pass {
  return (request) => {
    const firstOther = request.turns.findIndex((turn) => !isInstruction(turn))
    const leading = firstOther === -1 ? request.turns.length : firstOther
    const notes: Note[] = []
    const top: Turn[] = []
    const others: Turn[] = []
    let same = true
    for (const [at, turn] of request.turns.entries()) {
      if (!isInstruction(turn)) {
        others.push(turn)
        continue
      }
      const settled = turn.role === 'system' && turn.place === 'top'
      if (at >= leading) {
        notes.push({
          action: 'reordered',
          feature: 'system_position',
          path: `turns[${at}]`,
          weight: 2,
          reason: 'the target takes instructions before the conversation only',
        })
      }
      if (!settled || at >= leading) same = false
      top.push(settled ? turn : { ...turn, role: 'system', place: 'top' })
    }
    return { value: same ? request : { ...request, turns: [...top, ...others] }, notes }
  }
}

function isInstruction(turn: Turn): boolean {
  return turn.role === 'system' || turn.role === 'developer'
}
