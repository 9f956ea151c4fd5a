// Who speaks first and last, for targets that want the user to.
import type { Note } from '../../canonical/note.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'

const GO_ON: Turn = { role: 'user', parts: [{ type: 'text', text: 'Continue.' }] }

/** The user says a word before an assistant that speaks first, and where nobody speaks at all. */
export function userFirst(): Pass {
  return (request) => {
    const at = request.turns.findIndex((turn) => turn.place !== 'top')
    if (at !== -1 && request.turns[at]?.role !== 'assistant') return { value: request, notes: [] }
    const place = at === -1 ? request.turns.length : at
    const note: Note = {
      action: 'synthesized',
      feature: 'user_turn',
      path: `turns[${place}]`,
      weight: 1,
      reason: 'the target wants the user to speak first',
    }
    return { value: { ...request, turns: request.turns.toSpliced(place, 0, GO_ON) }, notes: [note] }
  }
}

/** The user says a word behind an answer that was begun for the model. */
export function userLast(): Pass {
  return (request) => {
    if (request.turns.at(-1)?.role !== 'assistant') return { value: request, notes: [] }
    const note: Note = {
      action: 'approximated',
      feature: 'user_turn',
      path: `turns[${request.turns.length}]`,
      weight: 2,
      reason: 'the target does not go on with an answer begun for it',
    }
    return { value: { ...request, turns: [...request.turns, GO_ON] }, notes: [note] }
  }
}
