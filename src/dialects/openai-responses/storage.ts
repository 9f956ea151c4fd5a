// Whether the provider keeps the answer: on this wire it does unless told otherwise, which no client of another wire has asked for.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'

/** Always says `store: false`. */
export function notStored(): Pass {
  return (request) => {
    const asked = request.service?.store
    if (asked === false) return { value: request, notes: [] }
    const about = { feature: 'store', path: 'service.store', to: false } as const
    const note: Note =
      asked === undefined
        ? { ...about, action: 'synthesized', weight: 0, reason: 'the target would store answers' }
        : {
            ...about,
            action: 'dropped',
            weight: 1,
            reason: 'what is stored there cannot be found again from here',
            from: true,
          }
    return { value: { ...request, service: { ...request.service, store: false } }, notes: [note] }
  }
}
