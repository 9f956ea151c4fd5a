// Asks one target after another until one begins an answer: retries, fallback and breakers in one loop over a plan.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { Exchange, Handler, Middleware, Reply, Target } from '../exchange/exchange.ts'
import type { AttemptFailed } from '../exchange/facts/attempts.ts'
import type { Tell } from '../exchange/happening.ts'
import type { Attempt } from '../exchange/trail.ts'
import { observed } from '../exchange/observed.ts'
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
  return (next) => async (exchange) => {
    const { provider } = exchange.target
    const budget = budgets.get(provider) ?? newBudget(provider, options)
    budgets.set(provider, budget)
    return new Run({ ...options, exchange, budget, next }).reply()
  }
}

function newBudget(provider: string, { budget, tell }: AttemptsOptions): RetryBudget {
  return new RetryBudget({ ...RETRY_BUDGET, ...budget }, (tokens) =>
    tell({ type: 'retry-budget-changed', provider, tokens }),
  )
}

interface RunOptions extends Omit<AttemptsOptions, 'budget'> {
  readonly exchange: Exchange
  readonly budget: RetryBudget
  readonly next: Handler
}

/** One attempt: its place at the target and, from the second on, the permission to make it. */
interface Try extends Place {
  readonly ticket?: RetryTicket
  /** Attempts at this target, this one too. */
  readonly madeHere: number
  readonly as?: Attempt['as']
}

/** One whose answer has begun. */
interface Answering extends Try {
  readonly startedAt: number
  readonly signal: AbortSignal
}

/** One call on its way through its targets. */
class Run {
  readonly #options: RunOptions
  readonly #entrance: Entrance
  readonly #backoff: BackoffOptions
  #made = 0
  #replays = false
  /** On attempts that failed. */
  readonly #spent: RetryTicket[] = []
  /** How often a credential was refused. */
  #refusals = 0

  constructor(options: RunOptions) {
    this.#options = options
    this.#backoff = { ...BACKOFF, ...options.backoff }
    const { exchange, health, keys } = options
    const targets = [exchange.target, ...(exchange.alternatives ?? [])]
    const skipped = (target: Target): void => this.#skipped(target)
    this.#entrance = new Entrance({ targets, health, keys, skipped })
  }

  async reply(): Promise<Reply> {
    const { budget, exchange, tell } = this.#options
    const { id, clientRetries: count = 0, continues } = exchange
    if (count > 0) tell({ type: 'client-retry-seen', id, count })
    budget.callStarted()
    try {
      const as = continues === true ? ('continued' as const) : undefined
      let attempt: Try = compact({ ...this.#entrance.first(), madeHere: 1, as })
      for (;;) {
        const { attempt: made, outcome } = await this.#raced(attempt)
        if (!(outcome instanceof GatewayError)) return outcome
        const following = await this.#after(made, outcome)
        if (following === undefined) throw outcome
        attempt = following
      }
    } catch (thrown) {
      budget.callEnded('other')
      throw thrown
    }
  }

  async #raced(first: Try): Promise<Ended<Try>> {
    const { exchange, hedging } = this.#options
    if (hedging === undefined || this.#made > 0) {
      return { attempt: first, outcome: await this.#make(first, exchange.signal) }
    }
    return hedging.race({
      exchange,
      first,
      make: (attempt, signal) => this.#make(attempt, signal),
      second: () => this.#hedge(first),
    })
  }

  /** A place beside an attempt that is late; it is paid for as a repeat is. */
  #hedge({ target }: Try): Try | undefined {
    const { exchange, budget, tell } = this.#options
    const ticket = budget.take('transient', 'same')
    if (typeof ticket === 'string') {
      tell({ type: 'retry-denied', id: exchange.id, target, reason: ticket })
      return undefined
    }
    const place = this.#entrance.calm()
    if (place === undefined) budget.give(ticket, 'succeeded')
    return place === undefined ? undefined : { ...place, ticket, madeHere: 1, as: 'hedge' }
  }

  async #make(attempt: Try, signal: AbortSignal): Promise<Reply | GatewayError> {
    const { exchange, next, clock, health } = this.#options
    const { target, entry } = attempt
    this.#made += 1
    exchange.trail?.asking()
    const startedAt = clock()
    try {
      const reply = await next({ ...exchange, target, signal })
      health.began(entry, clock() - startedAt)
      this.#answered(attempt, clock() - startedAt)
      return this.#watched({ ...attempt, startedAt, signal }, { ...reply, target })
    } catch (thrown) {
      const error = isLost(signal) ? toGatewayError(signal.reason) : toGatewayError(thrown)
      this.#told(attempt, error, { when: 'before-answer', elapsedMs: clock() - startedAt })
      this.#failed(attempt, error)
      return error
    }
  }

  /** An answer has begun: how it ends still tells of the target. */
  #watched(attempt: Answering, reply: Reply): Reply {
    const { entry, ticket, startedAt, target, generation, signal } = attempt
    const { exchange, health, keys, budget, clock, tell } = this.#options
    return observed(reply, (outcome, _usage, heard) => {
      const succeeded = outcome.kind === 'succeeded'
      const elapsedMs = clock() - startedAt
      if (outcome.kind === 'failed') {
        const { error } = outcome
        health.failed(entry, error)
        keys.failed(target, generation, error)
        this.#tellFailure(attempt, error, { when: 'in-answer', elapsedMs })
      }
      const { kind } = outcome
      tell({ type: 'attempt-ended', id: exchange.id, target, outcome: kind, heard, elapsedMs })
      health.end(entry, outcome.kind === 'failed' ? endOf(outcome.error) : endsWell(succeeded))
      if (ticket !== undefined) budget.give(ticket, succeeded ? 'succeeded' : 'failed')
      // The call goes on with who has won.
      if (isLost(signal)) return
      budget.callEnded(succeeded ? 'succeeded' : 'other', this.#spent)
    })
  }

  #failed({ target, entry, generation, ticket }: Try, error: GatewayError): void {
    const { health, keys, budget } = this.#options
    if (tellsOfHealth(error)) health.failed(entry, error)
    health.end(entry, endOf(error))
    keys.failed(target, generation, error)
    if (error.retryAfterMs !== undefined && failureClass(error) === 'throttled') {
      this.#cool(entry, error.retryAfterMs)
    }
    if (failureClass(error) === 'uncertain') this.#replays = true
    if (ticket === undefined) return
    budget.give(ticket, 'failed')
    if (error.code !== HEDGE_LOST) this.#spent.push(ticket)
  }

  #cool(entry: Place['entry'], saidMs: number): void {
    const { exchange, health, tell } = this.#options
    const keptMs = health.maxCoolingMs
    health.cool(entry, saidMs)
    if (saidMs <= keptMs) return
    const { target } = entry
    tell({ type: 'retry-hint-clamped', id: exchange.id, target, saidMs, keptMs })
  }

  /** The attempt that follows a failure, after the wait it needs; undefined to give up. */
  async #after(failed: Try, error: GatewayError): Promise<Try | undefined> {
    const { exchange, budget, tell } = this.#options
    if (exchange.signal.aborted) return undefined
    const step = this.#stepAfter(failed, error)
    if (failureClass(error) === 'credential') this.#refusals += 1
    if (step === 'stop') return undefined
    const throttled = failureClass(error) === 'throttled'
    const way = step === 'again' ? 'same' : 'elsewhere'
    const ticket = budget.take(throttled ? 'throttle' : 'transient', way)
    if (typeof ticket === 'string') {
      tell({ type: 'retry-denied', id: exchange.id, target: failed.target, reason: ticket })
      return undefined
    }
    const attempt = await this.#taken(step, failed, error)
    if (attempt === undefined) budget.give(ticket, 'succeeded')
    return attempt === undefined ? undefined : compact({ ...attempt, ticket, as: failed.as })
  }

  #stepAfter(failed: Try, error: GatewayError, company?: 'alone'): NextStep {
    const { exchange, maxAttempts = MAX_ATTEMPTS } = this.#options
    const { deadlineMs = Infinity, clientRetries = 0 } = exchange
    if (deadlineMs <= this.#options.clock()) return 'stop'
    return nextStep(error, {
      made: this.#made,
      maxAttempts,
      madeHere: failed.madeHere,
      hasOther: company !== 'alone' && this.#entrance.hasOther,
      hasOtherKey: company !== 'alone' && this.#entrance.hasOtherKey(failed),
      refusals: this.#refusals,
      clientRepeats: clientRetries > 0,
      repeatable: isRepeatable(exchange),
    })
  }

  /** The place for the next attempt, where there is one and it can still answer in time. */
  async #taken(
    step: Exclude<NextStep, 'stop'>,
    failed: Try,
    error: GatewayError,
  ): Promise<Try | undefined> {
    if (step === 'again') return this.#again(failed, error)
    const changed = step === 'other-key' ? this.#entrance.otherKey(failed) : undefined
    const place = changed ?? this.#entrance.other() ?? this.#entrance.last()
    if (place === undefined) {
      // The others let nobody in now.
      const left = this.#stepAfter(failed, error, 'alone')
      return left === 'again' ? this.#again(failed, error) : undefined
    }
    if (!this.#isInTime(place)) return undefined
    return { ...place, madeHere: changed === undefined ? 1 : failed.madeHere + 1 }
  }

  async #again(failed: Try, error: GatewayError): Promise<Try | undefined> {
    const { exchange, pause, clock, random } = this.#options
    const { deadlineMs = Infinity, signal } = exchange
    const delay = {
      retry: failed.madeHere - 1,
      throttled: failureClass(error) === 'throttled',
      hintMs: error.retryAfterMs,
      remainingMs: deadlineMs - clock(),
      random,
    }
    const wait = delayMs(delay, this.#backoff)
    if (wait === undefined) return undefined
    await pause(wait, signal)
    if (signal.aborted) return undefined
    const place = this.#entrance.again(failed)
    if (place === undefined || !this.#isInTime(place)) return undefined
    return { ...place, madeHere: failed.madeHere + 1 }
  }

  /** A target that usually takes longer to begin than the caller waits is left; its place is given back. */
  #isInTime({ target, entry }: Place): boolean {
    const { exchange, health, clock, tell } = this.#options
    const { deadlineMs = Infinity, id } = exchange
    const { latencyMs = 0 } = health.standing(target)
    if (deadlineMs - clock() >= latencyMs) return true
    health.end(entry, 'untold')
    tell({ type: 'retry-denied', id, target, reason: 'deadline' })
    return false
  }

  /** Its breaker lets nobody in. */
  #skipped(target: Target): void {
    const { exchange, health, tell } = this.#options
    const { state } = health.standing(target)
    exchange.trail?.skip(target, state)
    tell({ type: 'attempt-skipped', id: exchange.id, target, state })
  }

  #answered({ target, generation, as }: Try, elapsedMs: number): void {
    const { exchange, tell } = this.#options
    const more = { ...this.#replay(), ...compact({ generation }) }
    exchange.trail?.add({ target, outcome: 'ok', elapsedMs, ...more, ...compact({ as }) })
    tell({ type: 'attempt-answered', id: exchange.id, target, elapsedMs, ...more })
  }

  #told(attempt: Try, error: GatewayError, at: FailedAt): void {
    const { target, generation, as } = attempt
    const outcome = error.code ?? error.kind
    const { elapsedMs } = at
    const uncertain = failureClass(error) === 'uncertain' ? ({ uncertain: true } as const) : {}
    const more = { ...this.#replay(), ...uncertain, ...compact({ generation, as }) }
    this.#options.exchange.trail?.add({ target, outcome, elapsedMs, ...more })
    if (error.code === HEDGE_LOST) return
    this.#tellFailure(attempt, error, at)
  }

  #tellFailure({ target, generation }: Try, error: GatewayError, at: FailedAt): void {
    const { exchange, tell } = this.#options
    const more = { ...this.#replay(), ...compact({ generation }) }
    tell({ type: 'attempt-failed', id: exchange.id, target, error, ...at, ...more })
  }

  #replay(): { readonly replay?: true } {
    return this.#replays ? { replay: true } : {}
  }
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
