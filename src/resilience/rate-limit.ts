// Requests a minute for each provider: the generic cell rate algorithm, pure over a clock that is passed in.
import { GatewayError } from '../canonical/errors.ts'
import type { Middleware } from '../exchange/exchange.ts'

const MINUTE_MS = 60_000

/** A limiter for many keys. A key may burst up to its whole minute, then gets a place every `60 / perMinute` seconds. */
export class RateLimiter {
  /** By key: when the bucket would be full again, in milliseconds of the caller's clock. */
  readonly #fullAt = new Map<string, number>()

  /** Takes one place. 0 when there was one; else the milliseconds until there is, and nothing is taken. */
  take(key: string, perMinute: number, nowMs: number): number {
    const interval = MINUTE_MS / perMinute
    const fullAt = Math.max(this.#fullAt.get(key) ?? nowMs, nowMs)
    const waitMs = fullAt + interval - nowMs - MINUTE_MS
    // Sums of fractions such as 60000 / 7, on a clock of some 10^12, miss the whole minute by less than this.
    if (waitMs > 0.5) return waitMs
    this.#fullAt.set(key, fullAt + interval)
    return 0
  }
}

export interface RateLimitOptions {
  /** Requests a minute of a provider; undefined: no limit. */
  readonly limitOf: (provider: string) => number | undefined
  /** Milliseconds. */
  readonly clock: () => number
}

/** Refuses with kind rate_limit and retryAfterMs what comes too fast; asks nobody. */
export function rateLimit(options: RateLimitOptions): Middleware {
  const limiter = new RateLimiter()
  return (next) => async (exchange) => {
    const { provider } = exchange.target
    const limit = options.limitOf(provider)
    const waitMs = limit === undefined ? 0 : limiter.take(provider, limit, options.clock())
    if (waitMs === 0) return next(exchange)
    const retryAfterMs = Math.ceil(waitMs)
    throw new GatewayError(
      'rate_limit',
      `Provider "${provider}" is limited to ${limit} requests a minute. Try again in ${Math.ceil(retryAfterMs / 1000)} s, or raise its "rateLimit".`,
      { code: 'provider_rate_limit', retryAfterMs },
    )
  }
}
