// Thinking that this wire's provider has not made itself: without its own sealed state it would take it for broken items.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'
import { flatMapSame, mapSame, withParts, withTurns } from '../lowering/rewrite.ts'
import { isForeignReasoning } from './reasoning-item.ts'

/** Drops it, and the turns that held nothing else. */
export function foreignReasoning(): Pass {
  return (request) => {
    const notes: Note[] = []
    const turns = mapSame(request.turns, (turn, at) => {
      const parts = flatMapSame(turn.parts, (part, index) => {
        if (part.type !== 'reasoning' || !isForeignReasoning(part)) return [part]
        notes.push({
          action: 'dropped',
          feature: 'reasoning',
          path: `turns[${at}].parts[${index}]`,
          weight: 1,
          reason: 'the target takes back thinking of its own only',
        })
        return []
      })
      return withParts(turn, parts)
    })
    const spoken = flatMapSame(turns, (turn, at) =>
      turn.parts.length === 0 && turn !== request.turns[at] ? [] : [turn],
    )
    return { value: withTurns(request, spoken), notes }
  }
}
