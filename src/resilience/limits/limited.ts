// Lets a call through that all its limits have room for, and settles what it took when it ends.
import { type GatewayError, toGatewayError } from '../../canonical/errors.ts'
import type { ToldLimit } from '../../canonical/limit-standing.ts'
import { type Usage, totalTokens } from '../../canonical/usage.ts'
import type { Exchange, Middleware } from '../../exchange/exchange.ts'
import type { LimiterDecided } from '../../exchange/facts/limits.ts'
import type { Tell } from '../../exchange/happening.ts'
import { type OnEnd, type Outcome, observed } from '../../exchange/observed.ts'
import type { Estimating, UsageEstimate } from '../../exchange/usage-estimate.ts'
import { failureClass } from '../failure-class.ts'
import { type Every, Lease, PLACE_TTL_MS, type Taken } from './lease.ts'
import type { Denied, LimitStanding, LimitStore, Take } from './limit.ts'
import { limitRefusal } from './limit-refusal.ts'
import type { AppliedLimit } from './limit-rule.ts'

export interface LimitedOptions {
  readonly store: LimitStore
  readonly limitsOf: (exchange: Exchange) => readonly AppliedLimit[]
  /** What a call may use at most, before it is known; 0 where it generates nothing. */
  readonly tokensOf: (exchange: Exchange) => number
  /** What a call has used, where nobody counted. */
  readonly estimating: Estimating
  /** Names a holder of a place; never the same twice. */
  readonly newId: () => string
  readonly every: Every
  /** Of the error. */
  readonly code: string
  /** How much longer than needed a refused caller is told to wait, of the wait: those refused together come back apart. */
  readonly spread: () => number
  /** Whose limits they are. */
  readonly of: LimiterDecided['of']
  readonly tell: Tell
  /** Whether a provider may have worked for the call before its last failure: then nothing is given back. */
  readonly mayHaveRun?: (exchange: Exchange) => boolean
  /** Hears how the limits stand, of calls refused too. */
  readonly show?: (exchange: Exchange, limits: readonly ToldLimit[]) => void
}

/** Throws GatewayError rate_limit, or quota where the call can never pass; the call has then taken nothing. */
export function limited(options: LimitedOptions): Middleware {
  const { store, every, tell, show, of, mayHaveRun, estimating } = options
  return (next) => async (exchange) => {
    const taken = takenFor(exchange, options)
    if (taken.length === 0) return next(exchange)
    const answer = await store.take(taken.map(({ take }) => take))
    tell({
      type: 'limiter-decided',
      id: exchange.id,
      of,
      mode: answer.mode,
      granted: answer.granted,
    })
    show?.(
      exchange,
      taken.map(({ limit }, at) => toldLimit(limit, answer.standings[at])),
    )
    if (!answer.granted) throw refusal(taken, answer, options)
    const lease = new Lease({ store, taken, every })
    // A reader that has gone holds no place while its provider is still to hear of it.
    const leave = (): void => lease.leave()
    const { signal } = exchange
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    try {
      const reply = await next(exchange)
      const estimate = taken.some(({ isTokens }) => isTokens) ? estimating(exchange) : undefined
      const onEnd: OnEnd = (outcome, told) => {
        signal.removeEventListener('abort', leave)
        if (estimate === undefined) lease.atLeast(0)
        else ended(lease, outcome, { told, estimate })
      }
      return observed(reply, onEnd, estimate)
    } catch (thrown) {
      signal.removeEventListener('abort', leave)
      if (mayHaveRun?.(exchange) === true) lease.atLeast(0)
      else failed(lease, toGatewayError(thrown))
      throw thrown
    }
  }
}

interface Asked extends Taken {
  readonly limit: AppliedLimit
}

function takenFor(
  exchange: Exchange,
  { limitsOf, tokensOf, newId }: LimitedOptions,
): readonly Asked[] {
  const limits = limitsOf(exchange)
  if (limits.length === 0) return []
  const tokens = limits.some(({ counts }) => counts === 'tokens') ? tokensOf(exchange) : 0
  const holder = newId()
  return limits.flatMap((limit): Asked[] => {
    const isTokens = limit.counts === 'tokens'
    if (isTokens && tokens === 0) return []
    return [{ limit, isTokens, take: takeOf(limit, isTokens ? tokens : 1, holder) }]
  })
}

function takeOf(
  { key, limit, periodMs, onLoss }: AppliedLimit,
  cost: number,
  holder: string,
): Take {
  if (periodMs !== undefined) return { kind: 'rate', key, limit, periodMs, cost, onLoss }
  const place = { kind: 'concurrency', key, limit, holder, ttlMs: PLACE_TTL_MS } as const
  return { ...place, onLoss: onLoss === 'leased' ? 'local_share' : onLoss }
}

function refusal(
  taken: readonly Asked[],
  { at, retryAfterMs }: Denied,
  { code, spread }: LimitedOptions,
): GatewayError {
  const asked = taken[at]
  if (asked === undefined) throw new Error('a store refused what was not asked')
  const { limit, take } = asked
  const cost = take.kind === 'rate' ? take.cost : 1
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs: retryAfterMs * (1 + spread()) }
  return limitRefusal({ limit, cost, code, ...wait })
}

function toldLimit(
  { name, counts, limit, periodMs }: AppliedLimit,
  standing: LimitStanding | undefined,
): ToldLimit {
  const { remaining = 0, resetMs = 0 } = standing ?? {}
  return {
    name,
    counts,
    limit,
    ...(periodMs === undefined ? {} : { periodMs }),
    remaining,
    resetMs,
  }
}

interface Heard {
  readonly told: Usage | undefined
  readonly estimate: UsageEstimate
}

/** An answer has begun. What was counted of one that was cut may be less than what it had said: never less than the guess. */
function ended(lease: Lease, { kind }: Outcome, { told, estimate }: Heard): void {
  const usage = estimate.of(told)
  const tokens = totalTokens(usage) ?? 0
  if (kind === 'succeeded' && usage.estimated !== true) lease.exact(tokens)
  else lease.atLeast(Math.max(tokens, totalTokens(estimate.of(undefined)) ?? 0))
}

/** No answer has begun. What a provider may have done is paid for; what it refused or never heard of is not. */
function failed(lease: Lease, error: GatewayError): void {
  switch (failureClass(error)) {
    case 'uncertain':
      lease.atLeast(0)
      return
    case 'safe':
    case 'gate':
    case 'unfit':
      lease.unused()
      return
    case 'throttled':
    case 'credential':
      lease.refused()
      return
    case 'final':
      // Who left in the middle may have left a provider at work.
      if (error.kind === 'cancelled' || error.kind === 'internal') lease.atLeast(0)
      else lease.refused()
  }
}
