// Lets a call through that all its limits have room for, and settles what it took when it ends.
import type { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { ToldLimit } from '../../canonical/limit-standing.ts'
import { type Usage, totalTokens } from '../../canonical/usage.ts'
import type { Exchange, Middleware, Reply } from '../../exchange/exchange.ts'
import type { LimiterDecided } from '../../exchange/facts/limits.ts'
import type { Tell } from '../../exchange/happening.ts'
import type { Outcome } from '../../exchange/observed.ts'
import type { Estimating, UsageEstimate } from '../../exchange/usage-estimate.ts'
import { followed } from '../../exchange/following.ts'
import type { Ending, Follower } from '../../exchange/follower.ts'
import { failureClass } from '../failure-class.ts'
import { type Every, Heartbeat, Lease, PLACE_TTL_MS, type Taken } from './lease.ts'
import type { Denied, Granted, LimitStanding, LimitStore, Take } from './limit.ts'
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

/** Rejects with GatewayError rate_limit, or quota where the call can never pass; the call has then taken nothing. */
export function limited(options: LimitedOptions): Middleware {
  const { store, every, limitsOf } = options
  const leasing = { store, heartbeat: new Heartbeat(store, every) }
  return (next) => {
    const passed = (asking: Asking, answer: Granted | Denied): Promise<Reply> => {
      tellAnswer(asking, answer, options)
      if (!answer.granted) return Promise.reject(refusal(asking.taken, answer, options))
      const { exchange, taken } = asking
      return followed(new Passed(options, exchange, new Lease(taken, leasing)), next, exchange)
    }
    const waited = async (asking: Asking, answer: Promise<Granted | Denied>): Promise<Reply> =>
      passed(asking, await answer)
    return (exchange) => {
      const taken = takenFor(exchange, limitsOf(exchange), options)
      if (taken.length === 0) return next(exchange)
      const answer = store.take(taken.map(({ take }) => take))
      const asking = { exchange, taken }
      return answer instanceof Promise ? waited(asking, answer) : passed(asking, answer)
    }
  }
}

interface Asked extends Taken {
  readonly limit: AppliedLimit
}

interface Asking {
  readonly exchange: Exchange
  readonly taken: readonly Asked[]
}

/** A call that has what it needs of its limits. */
class Passed implements Follower {
  readonly #options: LimitedOptions
  readonly #exchange: Exchange
  readonly #lease: Lease
  /** Where tokens are counted. */
  readonly #estimate: UsageEstimate | undefined

  constructor(options: LimitedOptions, exchange: Exchange, lease: Lease) {
    this.#options = options
    this.#exchange = exchange
    this.#lease = lease
    this.#estimate = lease.countsTokens ? options.estimating(exchange) : undefined
  }

  /** A reader that has gone holds no place while its provider is still to hear of it. */
  left(): void {
    this.#lease.leave()
  }

  began(reply: Reply): void {
    if (reply.kind === 'whole') this.#estimate?.read(reply.response)
  }

  hear(event: ChatEvent): void {
    this.#estimate?.hear(event)
  }

  ended({ outcome, usage }: Ending): void {
    if (this.#estimate === undefined) this.#lease.atLeast(0)
    else ended(this.#lease, outcome, { told: usage, estimate: this.#estimate })
  }

  failed(error: GatewayError): void {
    if (this.#options.mayHaveRun?.(this.#exchange) === true) this.#lease.atLeast(0)
    else failed(this.#lease, error)
  }
}

function tellAnswer(
  { exchange, taken }: Asking,
  { mode, granted, standings }: Granted | Denied,
  { tell, show, of }: LimitedOptions,
): void {
  tell({ type: 'limiter-decided', id: exchange.id, of, mode, granted })
  show?.(
    exchange,
    taken.map(({ limit }, at) => toldLimit(limit, standings[at])),
  )
}

const NOTHING: readonly Asked[] = []

function takenFor(
  exchange: Exchange,
  limits: readonly AppliedLimit[],
  { tokensOf, newId }: LimitedOptions,
): readonly Asked[] {
  if (limits.length === 0) return NOTHING
  const taken: Asked[] = []
  let tokens: number | undefined
  let holder: string | undefined
  for (const limit of limits) {
    const isTokens = limit.counts === 'tokens'
    if (isTokens) tokens ??= tokensOf(exchange)
    else if (limit.periodMs === undefined) holder ??= newId()
    const cost = isTokens ? (tokens ?? 0) : 1
    if (cost === 0) continue
    taken.push({ limit, isTokens, take: takeOf(limit, cost, holder ?? '') })
  }
  return taken
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
  const remaining = standing?.remaining ?? 0
  const resetMs = standing?.resetMs ?? 0
  return periodMs === undefined
    ? { name, counts, limit, remaining, resetMs }
    : { name, counts, limit, periodMs, remaining, resetMs }
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
