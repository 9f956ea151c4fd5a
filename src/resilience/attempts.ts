// Asks one target after another until one begins an answer: retries, fallback and breakers in one loop over a plan.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { Exchange, Handler, Middleware, Reply, Target } from '../exchange/exchange.ts'
import type { AttemptFailed } from '../exchange/facts/attempts.ts'
import type { Tell } from '../exchange/happening.ts'
import type { Attempt } from '../exchange/trail.ts'
import { Following } from '../exchange/following.ts'
import type { Ending } from '../exchange/follower.ts'
import { BACKOFF, type BackoffOptions, delayMs } from './backoff.ts'
import type { CallEnd } from './circuit-breaker.ts'
import { Entrance, type Place } from './entrance.ts'
import { failureClass, tellsOfHealth } from './failure-class.ts'
import { type Ended, HEDGE_LOST, type Hedging, isLost } from './hedging.ts'
import type { KeyRing } from './key-ring.ts'
import { type NextStep, nextStep } from './next-step.ts'
import type { Pause } from './pause.ts'
import {
  RETRY_BUDGET,
  RetryBudget,
  type RetryBudgetOptions,
  type RetryTicket,
} from './retry-budget.ts'
import type { TargetHealth } from './target-health.ts'

export interface AttemptsOptions {
  readonly health: TargetHealth
  readonly keys: KeyRing
  /** Milliseconds. */
  readonly clock: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly pause: Pause
  readonly tell: Tell
  /** Most attempts of one call, over all its targets. Default 3. */
  readonly maxAttempts?: number
  readonly backoff?: Partial<BackoffOptions>
  readonly budget?: Partial<RetryBudgetOptions>
  /** Absent: no target is asked beside another. */
  readonly hedging?: Hedging
}

const MAX_ATTEMPTS = 3

/** Everything up to the first event of an answer may be tried again; what comes after belongs to the client. */
export function attempts(options: AttemptsOptions): Middleware {
  const budgets = new Map<string, RetryBudget>()
  const budgetOf = (provider: string): RetryBudget => {
    const known = budgets.get(provider)
    if (known !== undefined) return known
    const budget = newBudget(provider, options)
    budgets.set(provider, budget)
    return budget
  }
  return (next) => {
    const shared = { ...options, backoff: { ...BACKOFF, ...options.backoff }, next }
    return (exchange) => new Run(shared, exchange, budgetOf(exchange.target.provider)).reply()
  }
}

function newBudget(provider: string, { budget, tell }: AttemptsOptions): RetryBudget {
  return new RetryBudget({ ...RETRY_BUDGET, ...budget }, (tokens) =>
    tell({ type: 'retry-budget-changed', provider, tokens }),
  )
}

/** What all calls have in common. */
interface Shared extends AttemptsOptions {
  readonly backoff: BackoffOptions
  readonly next: Handler
}

/** One attempt: its place at the target and, from the second on, the permission to make it. */
interface Try extends Place {
  readonly ticket: RetryTicket | undefined
  /** Attempts at this target, this one too. */
  readonly madeHere: number
  readonly as: Attempt['as'] | undefined
}

type Kept = Pick<Try, 'ticket' | 'madeHere' | 'as'>

function tryAt({ target, entry, generation }: Place, { ticket, madeHere, as }: Kept): Try {
  return { target, entry, generation, ticket, madeHere, as }
}

/** One call on its way through its targets. */
class Run {
  readonly #options: Shared
  readonly #exchange: Exchange
  readonly #budget: RetryBudget
  readonly #entrance: Entrance
  #made = 0
  #replays = false
  /** On attempts that failed. */
  readonly #spent: RetryTicket[] = []
  /** How often a credential was refused. */
  #refusals = 0

  constructor(options: Shared, exchange: Exchange, budget: RetryBudget) {
    this.#options = options
    this.#exchange = exchange
    this.#budget = budget
    const { health, keys } = options
    const targets = [exchange.target, ...(exchange.alternatives ?? [])]
    const skipped = (target: Target): void => this.#skipped(target)
    this.#entrance = new Entrance({ targets, health, keys, skipped })
  }

  async reply(): Promise<Reply> {
    const { id, clientRetries: count = 0, continues, choice, signal } = this.#exchange
    const { hedging, tell } = this.#options
    if (count > 0) tell({ type: 'client-retry-seen', id, count })
    this.#budget.callStarted()
    try {
      const as = continues === true ? ('continued' as const) : undefined
      let attempt = tryAt(this.#entrance.first(), { ticket: undefined, madeHere: 1, as })
      let outcome: Reply | GatewayError
      if (hedging !== undefined && choice?.hedge !== undefined) {
        const raced = await this.#raced(hedging, attempt)
        attempt = raced.attempt
        outcome = raced.outcome
      } else outcome = await this.#make(attempt, signal)
      while (outcome instanceof GatewayError) {
        const following = await this.#after(attempt, outcome)
        if (following === undefined) throw outcome
        attempt = following
        outcome = await this.#make(attempt, signal)
      }
      return outcome
    } catch (thrown) {
      this.#budget.callEnded('other')
      throw thrown
    }
  }

  #raced(hedging: Hedging, first: Try): Promise<Ended<Try>> {
    return hedging.race({
      exchange: this.#exchange,
      first,
      make: (attempt, signal) => this.#make(attempt, signal),
      second: () => this.#hedge(first),
    })
  }

  /** A place beside an attempt that is late; it is paid for as a repeat is. */
  #hedge({ target }: Try): Try | undefined {
    const ticket = this.#budget.take('transient', 'same')
    if (typeof ticket === 'string') {
      const { id } = this.#exchange
      this.#options.tell({ type: 'retry-denied', id, target, reason: ticket })
      return undefined
    }
    const place = this.#entrance.calm()
    if (place === undefined) this.#budget.give(ticket, 'succeeded')
    return place === undefined ? undefined : tryAt(place, { ticket, madeHere: 1, as: 'hedge' })
  }

  async #make(attempt: Try, signal: AbortSignal): Promise<Reply | GatewayError> {
    const { next, clock } = this.#options
    const { target } = attempt
    this.#made += 1
    this.#exchange.trail?.asking()
    const startedAt = clock()
    const following = new Following(
      {
        began: () => this.#answered(attempt, clock() - startedAt),
        ended: (ending) => this.#ended(attempt, ending, { startedAt, signal }),
        failed: () => undefined,
      },
      signal,
    )
    try {
      const reply = await following.over(next, { ...this.#exchange, target, signal, following })
      return { ...reply, target }
    } catch (thrown) {
      const error = toGatewayError(isLost(signal) ? signal.reason : thrown)
      this.#told(attempt, error, { when: 'before-answer', elapsedMs: clock() - startedAt })
      this.#failed(attempt, error)
      return error
    }
  }

  /** How an answer that had begun ends still tells of the target. */
  #ended(attempt: Try, { outcome, heard }: Ending, { startedAt, signal }: Asked): void {
    const { entry, ticket, target, generation } = attempt
    const { health, keys, clock, tell } = this.#options
    const succeeded = outcome.kind === 'succeeded'
    const elapsedMs = clock() - startedAt
    if (outcome.kind === 'failed') {
      const { error } = outcome
      health.failed(entry, error)
      keys.failed(target, generation, error)
      this.#tellFailure(attempt, error, { when: 'in-answer', elapsedMs })
    }
    tell({
      type: 'attempt-ended',
      id: this.#exchange.id,
      target,
      outcome: outcome.kind,
      heard: heard(),
      elapsedMs,
    })
    health.end(entry, outcome.kind === 'failed' ? endOf(outcome.error) : endsWell(succeeded))
    if (ticket !== undefined) this.#budget.give(ticket, succeeded ? 'succeeded' : 'failed')
    // The call goes on with who has won.
    if (isLost(signal)) return
    this.#budget.callEnded(succeeded ? 'succeeded' : 'other', this.#spent)
  }

  #failed({ target, entry, generation, ticket }: Try, error: GatewayError): void {
    const { health, keys } = this.#options
    if (tellsOfHealth(error)) health.failed(entry, error)
    health.end(entry, endOf(error))
    keys.failed(target, generation, error)
    if (error.retryAfterMs !== undefined && failureClass(error) === 'throttled') {
      this.#cool(entry, error.retryAfterMs)
    }
    if (failureClass(error) === 'uncertain') this.#replays = true
    if (ticket === undefined) return
    this.#budget.give(ticket, 'failed')
    if (error.code !== HEDGE_LOST) this.#spent.push(ticket)
  }

  #cool(entry: Place['entry'], saidMs: number): void {
    const { health, tell } = this.#options
    const keptMs = health.maxCoolingMs
    health.cool(entry, saidMs)
    if (saidMs <= keptMs) return
    const { target } = entry
    tell({ type: 'retry-hint-clamped', id: this.#exchange.id, target, saidMs, keptMs })
  }

  /** The attempt that follows a failure, after the wait it needs; undefined to give up. */
  async #after(failed: Try, error: GatewayError): Promise<Try | undefined> {
    const { id, signal } = this.#exchange
    if (signal.aborted) return undefined
    const step = this.#stepAfter(failed, error)
    if (failureClass(error) === 'credential') this.#refusals += 1
    if (step === 'stop') return undefined
    const throttled = failureClass(error) === 'throttled'
    const way = step === 'again' ? 'same' : 'elsewhere'
    const ticket = this.#budget.take(throttled ? 'throttle' : 'transient', way)
    if (typeof ticket === 'string') {
      const { target } = failed
      this.#options.tell({ type: 'retry-denied', id, target, reason: ticket })
      return undefined
    }
    const taken = await this.#taken(step, failed, error)
    if (taken === undefined) this.#budget.give(ticket, 'succeeded')
    if (taken === undefined) return undefined
    return tryAt(taken.place, { ticket, madeHere: taken.madeHere, as: failed.as })
  }

  #stepAfter(failed: Try, error: GatewayError, company?: 'alone'): NextStep {
    const { maxAttempts = MAX_ATTEMPTS } = this.#options
    const { deadlineMs = Infinity, clientRetries = 0 } = this.#exchange
    if (deadlineMs <= this.#options.clock()) return 'stop'
    return nextStep(error, {
      made: this.#made,
      maxAttempts,
      madeHere: failed.madeHere,
      hasOther: company !== 'alone' && this.#entrance.hasOther,
      hasOtherKey: company !== 'alone' && this.#entrance.hasOtherKey(failed),
      refusals: this.#refusals,
      clientRepeats: clientRetries > 0,
      repeatable: isRepeatable(this.#exchange),
    })
  }

  /** The place for the next attempt, where there is one and it can still answer in time. */
  async #taken(
    step: Exclude<NextStep, 'stop'>,
    failed: Try,
    error: GatewayError,
  ): Promise<Taken | undefined> {
    if (step === 'again') return this.#again(failed, error)
    const changed = step === 'other-key' ? this.#entrance.otherKey(failed) : undefined
    const place = changed ?? this.#entrance.other() ?? this.#entrance.last()
    if (place === undefined) {
      // The others let nobody in now.
      const left = this.#stepAfter(failed, error, 'alone')
      return left === 'again' ? this.#again(failed, error) : undefined
    }
    if (!this.#isInTime(place)) return undefined
    return { place, madeHere: changed === undefined ? 1 : failed.madeHere + 1 }
  }

  async #again(failed: Try, error: GatewayError): Promise<Taken | undefined> {
    const { pause, clock, random, backoff } = this.#options
    const { deadlineMs = Infinity, signal } = this.#exchange
    const delay = {
      retry: failed.madeHere - 1,
      throttled: failureClass(error) === 'throttled',
      hintMs: error.retryAfterMs,
      remainingMs: deadlineMs - clock(),
      random,
    }
    const wait = delayMs(delay, backoff)
    if (wait === undefined) return undefined
    await pause(wait, signal)
    if (signal.aborted) return undefined
    const place = this.#entrance.again(failed)
    if (place === undefined || !this.#isInTime(place)) return undefined
    return { place, madeHere: failed.madeHere + 1 }
  }

  /** A target that usually takes longer to begin than the caller waits is left; its place is given back. */
  #isInTime({ target, entry }: Place): boolean {
    const { health, clock, tell } = this.#options
    const { deadlineMs = Infinity, id } = this.#exchange
    const { latencyMs = 0 } = health.standing(target)
    if (deadlineMs - clock() >= latencyMs) return true
    health.end(entry, 'untold')
    tell({ type: 'retry-denied', id, target, reason: 'deadline' })
    return false
  }

  /** Its breaker lets nobody in. */
  #skipped(target: Target): void {
    const { health, tell } = this.#options
    const { id, trail } = this.#exchange
    const { state } = health.standing(target)
    trail?.skip(target, state)
    tell({ type: 'attempt-skipped', id, target, state })
  }

  #answered({ target, entry, generation, as }: Try, elapsedMs: number): void {
    const { health, tell } = this.#options
    const { id, trail } = this.#exchange
    health.began(entry, elapsedMs)
    const more = { ...this.#replay(), ...(generation === undefined ? {} : { generation }) }
    trail?.add({
      target,
      outcome: 'ok',
      elapsedMs,
      ...more,
      ...(as === undefined ? {} : { as }),
    })
    tell({ type: 'attempt-answered', id, target, elapsedMs, ...more })
  }

  #told(attempt: Try, error: GatewayError, at: FailedAt): void {
    const { target, generation, as } = attempt
    const outcome = error.code ?? error.kind
    const { elapsedMs } = at
    const uncertain = failureClass(error) === 'uncertain' ? ({ uncertain: true } as const) : {}
    const more = { ...this.#replay(), ...uncertain, ...compact({ generation, as }) }
    this.#exchange.trail?.add({ target, outcome, elapsedMs, ...more })
    if (error.code === HEDGE_LOST) return
    this.#tellFailure(attempt, error, at)
  }

  #tellFailure({ target, generation }: Try, error: GatewayError, at: FailedAt): void {
    const more = { ...this.#replay(), ...compact({ generation }) }
    const { id } = this.#exchange
    this.#options.tell({ type: 'attempt-failed', id, target, error, ...at, ...more })
  }

  #replay(): { readonly replay?: true } {
    return this.#replays ? { replay: true } : {}
  }
}

/** A place for a further attempt, and how many that makes at its target. */
interface Taken {
  readonly place: Place
  readonly madeHere: number
}

/** An attempt under way. */
interface Asked {
  readonly startedAt: number
  readonly signal: AbortSignal
}

/** At which point of an attempt it failed. */
type FailedAt = Pick<AttemptFailed, 'when' | 'elapsedMs'>

/** An answer that the provider keeps would be kept twice. */
function isRepeatable(exchange: Exchange): boolean {
  return exchange.operation !== 'chat' || exchange.request.service?.store !== true
}

function endOf(error: GatewayError): CallEnd {
  return tellsOfHealth(error) ? 'failed' : 'untold'
}

function endsWell(succeeded: boolean): CallEnd {
  return succeeded ? 'succeeded' : 'untold'
}
