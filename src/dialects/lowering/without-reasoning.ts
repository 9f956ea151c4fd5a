// For targets that cannot be told how much to think.
import type { Pass } from './pass.ts'
import { omit } from './rewrite.ts'

export function withoutReasoning(): Pass {
  return (request) => {
    if (request.reasoning === undefined) return { value: request, notes: [] }
    const off = request.reasoning.mode === 'off' || request.reasoning.effort === 'none'
    return {
      value: omit(request, ['reasoning']),
      notes: [
        {
          action: 'dropped',
          feature: 'reasoning_effort',
          path: 'reasoning',
          weight: off ? 1 : 2,
          reason: 'the target cannot be told how much to think',
        },
      ],
    }
  }
}
