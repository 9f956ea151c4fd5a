// Asks one target after another until one begins an answer: retries, fallback and breakers in one loop over a plan.
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { Exchange, Handler, Middleware, Reply, Target } from '../exchange/exchange.ts'
import type { AttemptFailed, Tell } from '../exchange/happening.ts'
import { observed } from '../exchange/observed.ts'
import { BACKOFF, type BackoffOptions, delayMs } from './backoff.ts'
import type { CallEnd } from './circuit-breaker.ts'
import { failureClass, tellsOfHealth } from './failure-class.ts'
import { nextStep } from './next-step.ts'
import type { Pause } from './pause.ts'
import {
  RETRY_BUDGET,
  RetryBudget,
  type RetryBudgetOptions,
  type RetryTicket,
} from './retry-budget.ts'
import type { Entry, TargetHealth } from './target-health.ts'

export interface AttemptsOptions {
  readonly health: TargetHealth
  /** Milliseconds. */
  readonly clock: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly pause: Pause
  readonly tell: Tell
  /** Most attempts of one call, over all its targets. Default 3. */
  readonly maxAttempts?: number
  readonly backoff?: BackoffOptions
  readonly budget?: RetryBudgetOptions
}

const MAX_ATTEMPTS = 3

/** Everything up to the first event of an answer may be tried again; what comes after belongs to the client. */
export function attempts(options: AttemptsOptions): Middleware {
  const budgets = new Map<string, RetryBudget>()
  return (next) => async (exchange) => {
    const { provider } = exchange.target
    const budget = budgets.get(provider) ?? new RetryBudget(options.budget ?? RETRY_BUDGET)
    budgets.set(provider, budget)
    return new Run({ ...options, exchange, budget, next }).reply()
  }
}

interface RunOptions extends Omit<AttemptsOptions, 'budget'> {
  readonly exchange: Exchange
  readonly budget: RetryBudget
  readonly next: Handler
}

/** One attempt: its place at the target and, from the second on, the permission to make it. */
interface Try {
  readonly target: Target
  readonly entry: Entry
  readonly ticket?: RetryTicket
  /** Attempts at this target, this one too. */
  readonly madeHere: number
}

/** One call on its way through its targets. */
class Run {
  readonly #options: RunOptions
  /** Those that have not been asked, in order. */
  #others: readonly Target[]
  #made = 0
  #replays = false

  constructor(options: RunOptions) {
    this.#options = options
    const { exchange } = options
    this.#others = this.#ordered([exchange.target, ...(exchange.alternatives ?? [])])
  }

  async reply(): Promise<Reply> {
    const { budget } = this.#options
    budget.callStarted()
    try {
      let attempt = this.#first()
      for (;;) {
        const outcome = await this.#make(attempt)
        if (!(outcome instanceof GatewayError)) return outcome
        const following = await this.#after(attempt, outcome)
        if (following === undefined) throw outcome
        attempt = following
      }
    } catch (thrown) {
      budget.callEnded('other')
      throw thrown
    }
  }

  async #make(attempt: Try): Promise<Reply | GatewayError> {
    const { exchange, next, clock, health } = this.#options
    const { target, entry } = attempt
    this.#made += 1
    const startedAt = clock()
    try {
      const reply = await next(target === exchange.target ? exchange : { ...exchange, target })
      health.began(entry, clock() - startedAt)
      this.#answered(target, clock() - startedAt)
      return this.#watched({ ...attempt, startedAt }, { ...reply, target })
    } catch (thrown) {
      const error = toGatewayError(thrown)
      this.#told(attempt, error, { when: 'before-answer', elapsedMs: clock() - startedAt })
      this.#failed(attempt, error)
      return error
    }
  }

  /** An answer has begun: how it ends still tells of the target. */
  #watched(attempt: Try & { readonly startedAt: number }, reply: Reply): Reply {
    const { entry, ticket, startedAt } = attempt
    const { health, budget, clock } = this.#options
    return observed(reply, (outcome) => {
      const succeeded = outcome.kind === 'succeeded'
      if (outcome.kind === 'failed') {
        const { error } = outcome
        health.failed(entry, error)
        this.#tellFailure(attempt.target, error, {
          when: 'in-answer',
          elapsedMs: clock() - startedAt,
        })
      }
      health.end(entry, outcome.kind === 'failed' ? endOf(outcome.error) : endsWell(succeeded))
      if (ticket !== undefined) budget.give(ticket, succeeded ? 'succeeded' : 'failed')
      budget.callEnded(succeeded ? 'succeeded' : 'other')
    })
  }

  #failed({ entry, ticket }: Try, error: GatewayError): void {
    const { health, budget } = this.#options
    if (tellsOfHealth(error)) health.failed(entry, error)
    health.end(entry, endOf(error))
    if (error.retryAfterMs !== undefined && failureClass(error) === 'throttled') {
      health.cool(entry, error.retryAfterMs)
    }
    if (failureClass(error) === 'uncertain') this.#replays = true
    if (ticket !== undefined) budget.give(ticket, 'failed')
  }

  /** The attempt that follows a failure, after the wait it needs; undefined to give up. */
  async #after(failed: Try, error: GatewayError): Promise<Try | undefined> {
    const { exchange, maxAttempts = MAX_ATTEMPTS, budget, tell } = this.#options
    if (exchange.signal.aborted) return undefined
    const step = nextStep(error, {
      made: this.#made,
      maxAttempts,
      madeHere: failed.madeHere,
      hasOther: this.#others.length > 0,
      repeatable: isRepeatable(exchange),
    })
    if (step === 'stop') return undefined
    const throttled = failureClass(error) === 'throttled'
    const ticket = budget.take(throttled ? 'throttle' : 'transient')
    if (typeof ticket === 'string') {
      tell({ type: 'retry-denied', id: exchange.id, target: failed.target, reason: ticket })
      return undefined
    }
    const attempt = step === 'other' ? this.#other() : await this.#again(failed, error)
    if (attempt === undefined) budget.give(ticket, 'failed')
    return attempt === undefined ? undefined : { ...attempt, ticket }
  }

  async #again({ target, madeHere }: Try, error: GatewayError): Promise<Try | undefined> {
    const { exchange, health, pause, clock, random, backoff = BACKOFF } = this.#options
    const { deadlineMs = Infinity, signal } = exchange
    const delay = {
      retry: madeHere - 1,
      throttled: failureClass(error) === 'throttled',
      hintMs: error.retryAfterMs,
      remainingMs: deadlineMs - clock(),
      random,
    }
    const wait = delayMs(delay, backoff)
    if (wait === undefined) return undefined
    await pause(wait, signal)
    if (signal.aborted) return undefined
    const entry = health.enter(target)
    return entry === undefined ? undefined : { target, entry, madeHere: madeHere + 1 }
  }

  /** The first target that lets a call in. */
  #other(): Try | undefined {
    const { health } = this.#options
    for (const target of this.#others) {
      const entry = health.enter(target)
      if (entry === undefined) continue
      this.#others = this.#others.filter((other) => other !== target)
      return { target, entry, madeHere: 1 }
    }
    return undefined
  }

  #first(): Try {
    const { health } = this.#options
    const attempt = this.#other()
    if (attempt !== undefined) return attempt
    // All are open. One call at a time may still see whether a target is back.
    for (const target of this.#others) {
      const entry = health.enterAnyway(target)
      if (entry === undefined) continue
      this.#others = this.#others.filter((other) => other !== target)
      return { target, entry, madeHere: 1 }
    }
    throw this.#unavailable()
  }

  #unavailable(): GatewayError {
    const { health } = this.#options
    const waits = this.#others.map((target) => health.standing(target).waitMs)
    const names = this.#others.map(({ provider, model }) => `${provider}/${model}`).join(', ')
    return new GatewayError(
      'overloaded',
      `${names} failed too often just now, and is not asked for a moment. Try again, or name another model.`,
      { code: 'target_unavailable', retryAfterMs: Math.max(1000, Math.min(...waits)) },
    )
  }

  /** Those that asked to be left alone come last. */
  #ordered(targets: readonly Target[]): readonly Target[] {
    const { health } = this.#options
    const isCooling = (target: Target): boolean => health.standing(target).coolingMs > 0
    return [
      ...targets.filter((target) => !isCooling(target)),
      ...targets.filter((target) => isCooling(target)),
    ]
  }

  #answered(target: Target, elapsedMs: number): void {
    const { exchange, tell } = this.#options
    exchange.trail?.add({ target, outcome: 'ok', elapsedMs, ...this.#replay() })
    tell({ type: 'attempt-answered', id: exchange.id, target, elapsedMs, ...this.#replay() })
  }

  #told({ target }: Try, error: GatewayError, at: FailedAt): void {
    const outcome = error.code ?? error.kind
    const { elapsedMs } = at
    this.#options.exchange.trail?.add({ target, outcome, elapsedMs, ...this.#replay() })
    this.#tellFailure(target, error, at)
  }

  #tellFailure(target: Target, error: GatewayError, at: FailedAt): void {
    const { exchange, tell } = this.#options
    tell({ type: 'attempt-failed', id: exchange.id, target, error, ...at, ...this.#replay() })
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
