// Tells of every call that it has begun, and once how it ended.
import { compact } from '../canonical/compact.ts'
import { toGatewayError } from '../canonical/errors.ts'
import type { Usage } from '../canonical/usage.ts'
import type { Middleware, Target } from './exchange.ts'
import type { Tell } from './happening.ts'
import { type Outcome, observed } from './observed.ts'
import { Trail } from './trail.ts'

export interface TellingOptions {
  readonly tell: Tell
  /** Milliseconds. */
  readonly clock: () => number
}

export function told({ tell, clock }: TellingOptions): Middleware {
  return (next) => async (exchange) => {
    const { id, operation, caller, trail = new Trail() } = exchange
    const startedAt = clock()
    const call = compact({ id, operation, caller })
    tell({ type: 'call-started', ...call })
    const end = (
      outcome: Outcome,
      more: { usage?: Usage | undefined; target?: Target | undefined },
    ): void => {
      tell({
        type: 'call-ended',
        ...call,
        outcome: outcome.kind,
        ...(outcome.kind === 'failed' ? { error: outcome.error } : {}),
        attempts: trail.attempts,
        elapsedMs: clock() - startedAt,
        ...compact(more),
      })
    }
    try {
      const reply = await next({ ...exchange, trail })
      return observed(reply, (outcome, usage) => end(outcome, { usage, target: reply.target }))
    } catch (thrown) {
      const error = toGatewayError(thrown)
      end(error.kind === 'cancelled' ? { kind: 'abandoned' } : { kind: 'failed', error }, {})
      throw error
    }
  }
}
