// An answer that the client has begun, for targets that write one of their own instead of going on with it.
import type { Pass } from './pass.ts'
import { unchanged } from './pass.ts'

/** Leaves it where it is, with a note: the model reads it as what it has said before. */
export const begunAnswer: Pass = (request) => {
  const last = request.turns.at(-1)
  const begun = last?.role === 'assistant' && last.parts.some((part) => part.type === 'text')
  if (!begun) return unchanged(request)
  return {
    value: request,
    notes: [
      {
        action: 'approximated',
        feature: 'prefill',
        path: `turns[${request.turns.length - 1}]`,
        weight: 2,
        reason: 'the target does not go on with an answer that was begun for it',
      },
    ],
  }
}
