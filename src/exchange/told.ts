// Tells of every call that it has begun, and once how it ended.
import { compact } from '../canonical/compact.ts'
import { toGatewayError } from '../canonical/errors.ts'
import { abortReason, assertWanted } from './abort-reason.ts'
import type { Exchange, Middleware } from './exchange.ts'
import type { CallEnded, StreamEnded } from './facts/calls.ts'
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
    const { id, operation, caller, signal, trail = new Trail() } = exchange
    const startedAt = clock()
    const call = compact({ id, operation, caller })
    tell({ type: 'call-started', ...call })
    const departure = departureOf(exchange, trail, tell)
    const end = (outcome: Outcome, more: Shown): void => {
      tell({
        type: 'call-ended',
        ...call,
        outcome: outcome.kind,
        ...(outcome.kind === 'failed' ? { error: outcome.error } : {}),
        attempts: trail.attempts,
        elapsedMs: clock() - startedAt,
        ...more,
      })
    }
    try {
      assertWanted(signal)
      const reply = await next({ ...exchange, trail })
      const isStream = reply.kind === 'stream' || reply.kind === 'bytes'
      if (isStream) {
        departure.began()
        tell({ type: 'stream-started', id })
      }
      return observed(reply, (outcome, usage) => {
        departure.end()
        const cached = reply.cached?.state === 'hit' ? (true as const) : undefined
        const shown = compact({ usage, target: reply.target, cached })
        if (!isStream) return end(outcome, shown)
        const streamEnd = endOf(outcome, signal)
        tell({ type: 'stream-ended', id, end: streamEnd, ...compact({ target: reply.target }) })
        end(outcome, { ...shown, streamEnd })
      })
    } catch (thrown) {
      departure.end()
      const error = toGatewayError(thrown)
      end(error.kind === 'cancelled' ? { kind: 'abandoned' } : { kind: 'failed', error }, {})
      throw error
    }
  }
}

/** What the end of a call knows of its answer. */
type Shown = Pick<CallEnded, 'cached' | 'streamEnd' | 'target' | 'usage'>

interface Departure {
  /** The client has the beginning of its answer. */
  began(): void
  /** The call is over: nobody can leave it. */
  end(): void
}

/** Tells where the client was when it left. */
function departureOf({ id, signal }: Exchange, trail: Trail, tell: Tell): Departure {
  let hasBegun = false
  const gone = (): void => {
    if (abortReason(signal) !== 'client') return
    const waiting = trail.asked === 0 ? 'queue' : 'ttft'
    tell({ type: 'client-gone', id, phase: hasBegun ? 'stream' : waiting })
  }
  signal.addEventListener('abort', gone, { once: true })
  if (signal.aborted) gone()
  return {
    began: () => {
      hasBegun = true
    },
    end: () => signal.removeEventListener('abort', gone),
  }
}

function endOf(outcome: Outcome, signal: AbortSignal): StreamEnded['end'] {
  if (outcome.kind === 'succeeded') return 'whole'
  // A reader that leaves without a word is a client that has gone.
  return abortReason(signal) ?? (outcome.kind === 'failed' ? 'failed' : 'client')
}
