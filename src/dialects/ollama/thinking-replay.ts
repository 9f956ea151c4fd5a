// Earlier thinking: models of this wire read what they thought in the running tool loop, their templates strip the rest.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'
import { flatMapSame, mapSame, withParts, withTurns } from '../lowering/rewrite.ts'

/** `keep: 'loop'` leaves the thinking after the last user message, `'none'` leaves none. Run after splitResults: results are no user messages. */
export function thinkingReplay(keep: 'loop' | 'none'): Pass {
  return (request) => {
    const notes: Note[] = []
    const lastUser = request.turns.findLastIndex((turn) => turn.role === 'user')
    const from = keep === 'loop' ? lastUser : request.turns.length
    const turns = mapSame(request.turns, (turn, at) => {
      const parts = flatMapSame(turn.parts, (part, index) => {
        if (part.type !== 'reasoning' || (at > from && part.text !== '')) return [part]
        notes.push({
          action: 'dropped',
          feature: 'reasoning',
          path: `turns[${at}].parts[${index}]`,
          weight: 0,
          reason: 'the target reads the thinking of the running tool loop only',
        })
        return []
      })
      return withParts(turn, parts)
    })
    return { value: withTurns(request, turns), notes }
  }
}
