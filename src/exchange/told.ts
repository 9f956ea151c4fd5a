// Tells of every call that it has begun, and once how it ended.
import type { GatewayError } from '../canonical/errors.ts'
import { abortReason, assertWanted } from './abort-reason.ts'
import type { Exchange, Handler, Middleware } from './exchange.ts'
import type { CallEnded, StreamEnded } from './facts/calls.ts'
import type { Tell } from './happening.ts'
import type { Outcome } from './observed.ts'
import type { Reply } from './reply.ts'
import { Trail } from './trail.ts'
import { Following } from './following.ts'
import type { Ending, Follower } from './follower.ts'

export interface TellingOptions {
  readonly tell: Tell
  /** Milliseconds. */
  readonly clock: () => number
}

/** Its own following, outside of all: what others make of an answer, and how they refuse it, is part of what it tells. */
export function told(options: TellingOptions): Middleware {
  return (next) => {
    const wanted: Handler = (exchange) => {
      assertWanted(exchange.signal)
      return next(exchange)
    }
    return (asked) => {
      const exchange = asked.trail === undefined ? { ...asked, trail: new Trail() } : asked
      const { id, operation, caller, signal } = exchange
      const call = { id, operation, ...(caller === undefined ? {} : { caller }) }
      options.tell({ type: 'call-started', ...call })
      return new Following(new ToldCall(exchange, options), signal).over(wanted, exchange)
    }
  }
}

/** What the end of a call knows of its answer. */
type Shown = Pick<CallEnded, 'cached' | 'streamEnd' | 'target' | 'usage'>

class ToldCall implements Follower {
  readonly #exchange: Exchange
  readonly #options: TellingOptions
  readonly #startedAt: number
  #reply: Reply | undefined

  constructor(exchange: Exchange, options: TellingOptions) {
    this.#exchange = exchange
    this.#options = options
    this.#startedAt = options.clock()
  }

  /** Tells where the client was when it left. */
  left(): void {
    const { id, signal, trail } = this.#exchange
    if (abortReason(signal) !== 'client') return
    const waiting = (trail?.asked ?? 0) === 0 ? 'queue' : 'ttft'
    const phase = isInPieces(this.#reply) ? 'stream' : waiting
    this.#options.tell({ type: 'client-gone', id, phase })
  }

  began(reply: Reply): void {
    this.#reply = reply
    if (!isInPieces(reply)) return
    this.#options.tell({ type: 'stream-started', id: this.#exchange.id })
  }

  ended({ outcome, usage }: Ending): void {
    const { target, cached } = this.#reply ?? {}
    const answered = target === undefined ? {} : { target }
    const shown = {
      ...(usage === undefined ? {} : { usage }),
      ...answered,
      ...(cached?.state === 'hit' ? { cached: true as const } : {}),
    }
    if (!isInPieces(this.#reply)) {
      this.#end(outcome, shown)
      return
    }
    const { id, signal } = this.#exchange
    const streamEnd = endOf(outcome, signal)
    this.#options.tell({ type: 'stream-ended', id, end: streamEnd, ...answered })
    this.#end(outcome, { ...shown, streamEnd })
  }

  failed(error: GatewayError): void {
    this.#end(error.kind === 'cancelled' ? { kind: 'abandoned' } : { kind: 'failed', error }, {})
  }

  #end(outcome: Outcome, more: Shown): void {
    const { tell, clock } = this.#options
    const { id, operation, caller, trail } = this.#exchange
    tell({
      type: 'call-ended',
      id,
      operation,
      ...(caller === undefined ? {} : { caller }),
      outcome: outcome.kind,
      ...(outcome.kind === 'failed' ? { error: outcome.error } : {}),
      attempts: trail?.attempts ?? [],
      elapsedMs: clock() - this.#startedAt,
      ...more,
    })
  }
}

function isInPieces(reply: Reply | undefined): boolean {
  return reply?.kind === 'stream' || reply?.kind === 'bytes'
}

function endOf(outcome: Outcome, signal: AbortSignal): StreamEnded['end'] {
  if (outcome.kind === 'succeeded') return 'whole'
  // A reader that leaves without a word is a client that has gone.
  return abortReason(signal) ?? (outcome.kind === 'failed' ? 'failed' : 'client')
}
