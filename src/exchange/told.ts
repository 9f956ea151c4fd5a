// Tells of every call that it has begun, and once how it ended.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { Middleware } from './exchange.ts'
import type { CallEnded, Tell } from './happening.ts'
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
    const end = (outcome: Outcome, more: Shown): void => {
      tell({
        type: 'call-ended',
        ...call,
        outcome: outcome.kind,
        ...(outcome.kind === 'failed' ? { error: outcome.error } : {}),
        attempts: trail.attempts,
        elapsedMs: clock() - startedAt,
        ...compact({ abortedBy: reasonOf(exchange.signal) }),
        ...more,
      })
    }
    try {
      const reply = await next({ ...exchange, trail })
      const streamed = reply.kind === 'stream' || reply.kind === 'bytes'
      if (streamed) tell({ type: 'stream-started', id })
      return observed(reply, (outcome, usage) => {
        const { target } = reply
        const shown = streamed ? STREAMED : {}
        end(outcome, { reached: 'stream', ...shown, ...compact({ usage, target }) })
      })
    } catch (thrown) {
      const error = toGatewayError(thrown)
      const outcome: Outcome =
        error.kind === 'cancelled' ? { kind: 'abandoned' } : { kind: 'failed', error }
      end(outcome, { reached: trail.reached })
      throw error
    }
  }
}

const STREAMED = { streamed: true } as const

/** What the end of a call knows of its answer. */
type Shown = Pick<CallEnded, 'reached' | 'streamed' | 'target' | 'usage'>

function reasonOf({ aborted, reason }: AbortSignal): GatewayError | undefined {
  return aborted && reason instanceof GatewayError ? reason : undefined
}
