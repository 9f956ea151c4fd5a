// Whether a target may be asked: it opens when the target fails too often, and closes again after trials.
import { FailureWindow } from './failure-window.ts'

export interface BreakerOptions {
  /** Failures in a row that open it; more where the target fails now and then anyway. Default 5. */
  readonly consecutive: number
  /** Share of failures that opens it, once there are enough calls in the window. Default 0.5. */
  readonly ratio: number
  /** Calls in the window before the share counts. Default 20. */
  readonly samples: number
  /** Default 30000. */
  readonly windowMs: number
  /** How long it stays open the first time; doubled each time after. Default 5000. */
  readonly openMs: number
  /** The longest it stays open. Default 300000. */
  readonly maxOpenMs: number
  /** Share by which the time is spread at random, both ways. Default 0.2. */
  readonly jitter: number
  /** Trials that must succeed before it closes. Default 2. */
  readonly trials: number
  /** How long it lets in only a growing share after it closed; 0: not at all. Default 30000. */
  readonly slowStartMs: number
  /** Healthy time after which one doubling is forgotten. Default 60000. */
  readonly forgiveMs: number
}

export const BREAKER: BreakerOptions = {
  consecutive: 5,
  ratio: 0.5,
  samples: 20,
  windowMs: 30_000,
  openMs: 5000,
  maxOpenMs: 300_000,
  jitter: 0.2,
  trials: 2,
  slowStartMs: 30_000,
  forgiveMs: 60_000,
}

export type BreakerState = 'closed' | 'open' | 'half-open' | 'slow-start'

/** The share of calls that a target gets when it has just come back. */
const SLOW_START_FLOOR = 0.1

/**
 * A run that is likelier than this is chance. Who fails every third call fails five times in a row again and again, and is
 * better asked than not: the share of failures is there for those who fail too often.
 */
const CHANCE = 1e-6

export interface BreakerContext {
  /** Milliseconds. */
  readonly clock: () => number
  /** 0 to 1. */
  readonly random: () => number
  /** Of several processes that share a breaker: whether the trial is this one's, so long after it was due. Absent: always. */
  readonly isOurTurn?: (sinceMs: number) => boolean
}

/** A place for one call; must be ended once. */
export interface Admission {
  readonly trial: boolean
  /** Which life of the breaker it belongs to: what ends after the breaker has moved on tells nothing new. */
  readonly life: number
}

export type CallEnd = 'succeeded' | 'failed' | 'untold'

/** The breaker of one target. */
export class CircuitBreaker {
  readonly #options: BreakerOptions
  readonly #context: BreakerContext
  readonly #window: FailureWindow
  #life = 0
  /** The place of every call of this life that is no trial. */
  #ordinary: Admission = { trial: false, life: 0 }
  #inARow = 0
  #openUntil: number | undefined
  #openedAt = 0
  /** How often it has opened, less what healthy time has made forgotten. */
  #ejections = 0
  #trialRuns = false
  /** Until when another process may try it. */
  #triedUntil = 0
  #trialsPassed = 0
  /** When it last closed. */
  #closedAt: number | undefined
  #forgivenAt = 0

  constructor(context: BreakerContext, options: BreakerOptions = BREAKER) {
    this.#context = context
    this.#options = options
    this.#window = new FailureWindow(options.windowMs)
  }

  get state(): BreakerState {
    // Most have never opened.
    if (this.#openUntil === undefined && this.#closedAt === undefined) return 'closed'
    const now = this.#context.clock()
    if (this.#openUntil !== undefined) return now < this.#openUntil ? 'open' : 'half-open'
    return this.#share(now) < 1 ? 'slow-start' : 'closed'
  }

  /** Since when it has been in its state; undefined while it has never changed. */
  get sinceMs(): number | undefined {
    switch (this.state) {
      case 'open':
        return this.#openedAt
      case 'half-open':
        return this.#openUntil
      case 'slow-start':
        return this.#closedAt
      case 'closed':
        return this.#closedAt === undefined ? undefined : this.#closedAt + this.#options.slowStartMs
    }
  }

  /** Milliseconds until it lets a trial through; 0 when it is not open. */
  get waitMs(): number {
    return Math.max(0, (this.#openUntil ?? 0) - this.#context.clock())
  }

  /** A place for one call; undefined when there is none. After it has closed, calls that others could take get only a share. */
  admit(others: 'others' | 'nobody-else' = 'others'): Admission | undefined {
    if (this.#openUntil === undefined && this.#closedAt === undefined) return this.#ordinary
    const now = this.#context.clock()
    if (this.#openUntil === undefined) {
      const share = others === 'others' ? this.#share(now) : 1
      const isIn = share >= 1 || this.#context.random() < share
      return isIn ? this.#ordinary : undefined
    }
    if (now < this.#openUntil || this.#trialRuns || now < this.#triedUntil) return undefined
    if (this.#context.isOurTurn?.(now - this.#openUntil) === false) return undefined
    this.#trialRuns = true
    return { trial: true, life: this.#life }
  }

  end(admission: Admission, end: CallEnd): void {
    if (admission.life !== this.#life) return
    if (admission.trial) this.#endTrial(end)
    else if (end !== 'untold') this.#endCall(end)
  }

  /** A call past it has succeeded: the target is back, and is let in slowly. */
  reset(): void {
    if (this.#openUntil !== undefined) this.#close()
  }

  /** Somebody else has seen that the target is not there. */
  trip(): void {
    if (this.state !== 'open') this.#open()
  }

  /** Another process has opened it, for so long. */
  openFor(milliseconds: number): void {
    if (this.state !== 'open') this.#open()
    this.#openUntil = this.#context.clock() + milliseconds
  }

  /** Another process tries it: nobody does here for so long, or until it is told how that went. */
  triedElsewhere(forMs: number): void {
    this.#triedUntil = this.#context.clock() + forMs
  }

  /** Somebody else has seen that it is there again: a trial is due now. */
  offer(): void {
    const now = this.#context.clock()
    if (this.#openUntil !== undefined && this.#openUntil > now) this.#openUntil = now
  }

  #endTrial(end: CallEnd): void {
    this.#trialRuns = false
    if (end === 'failed') this.#open()
    if (end !== 'succeeded') return
    this.#trialsPassed += 1
    if (this.#trialsPassed >= this.#options.trials) this.#close()
  }

  #endCall(end: 'succeeded' | 'failed'): void {
    const now = this.#context.clock()
    this.#window.add(end === 'failed', now)
    if (end === 'succeeded') {
      this.#inARow = 0
      this.#forgive(now)
      return
    }
    this.#inARow += 1
    if (this.#isTripped(now)) this.#open()
  }

  #isTripped(now: number): boolean {
    const { ratio, samples } = this.#options
    const { calls, failures } = this.#window.counts(now)
    if (calls >= samples && failures / calls >= ratio) return true
    return this.#inARow >= this.#tellingRun(calls - this.#inARow, failures - this.#inARow)
  }

  /** How many failures in a row tell something, by what came before them in the window. */
  #tellingRun(calls: number, failures: number): number {
    const { consecutive, samples } = this.#options
    if (calls < samples || failures === 0) return consecutive
    return Math.max(consecutive, Math.ceil(Math.log(CHANCE) / Math.log(failures / calls)))
  }

  #open(): void {
    const { openMs, maxOpenMs, jitter } = this.#options
    const spread = 1 + jitter * (2 * this.#context.random() - 1)
    const wait = Math.min(maxOpenMs, openMs * 2 ** this.#ejections)
    this.#openedAt = this.#context.clock()
    this.#openUntil = this.#openedAt + spread * wait
    this.#ejections += 1
    this.#begin()
    this.#closedAt = undefined
  }

  #close(): void {
    const now = this.#context.clock()
    this.#openUntil = undefined
    this.#closedAt = now
    this.#forgivenAt = now
    this.#begin()
  }

  #begin(): void {
    this.#life += 1
    this.#ordinary = { trial: false, life: this.#life }
    this.#inARow = 0
    this.#trialRuns = false
    this.#triedUntil = 0
    this.#trialsPassed = 0
    this.#window.clear()
  }

  #forgive(now: number): void {
    const times = Math.floor((now - this.#forgivenAt) / this.#options.forgiveMs)
    if (times <= 0) return
    this.#ejections = Math.max(0, this.#ejections - times)
    this.#forgivenAt = now
  }

  #share(now: number): number {
    const { slowStartMs } = this.#options
    if (this.#closedAt === undefined || slowStartMs === 0) return 1
    const grown = (now - this.#closedAt) / slowStartMs
    return Math.min(1, Math.max(SLOW_START_FLOOR, grown))
  }
}
