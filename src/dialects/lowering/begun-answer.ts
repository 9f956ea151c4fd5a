// An answer that the client has begun, for targets that write one of their own instead of going on with it.
import type { Turn } from '../../canonical/request.ts'
import { type Pass, unchanged } from './pass.ts'

/** Leaves it where it is, with a note: the model reads it as what it has said before. The turn remembers in `dialect`'s shape that it was noted. */
export function begunAnswer({ dialect }: { readonly dialect: string }): Pass {
  return (request) => {
    const last = request.turns.at(-1)
    const begun = last?.role === 'assistant' && last.parts.some((part) => part.type === 'text')
    if (!begun || last.extensions?.[dialect]?.shape?.['begun'] === true) return unchanged(request)
    return {
      value: { ...request, turns: [...request.turns.slice(0, -1), noted(last, dialect)] },
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
}

function noted(turn: Turn, dialect: string): Turn {
  const own = turn.extensions?.[dialect]
  const shape = { ...own?.shape, begun: true }
  return { ...turn, extensions: { ...turn.extensions, [dialect]: { ...own, shape } } }
}
