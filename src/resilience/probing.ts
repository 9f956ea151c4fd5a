// When a provider is asked whether it is there, and what its answers together mean. Pure: the clock and chance are given.
import type { ProbeStyle } from '../exchange/probe-style.ts'

export interface ProbingOptions {
  /** Milliseconds between two probes of a provider on this machine. Default 10000. */
  readonly localMs: number
  /** Share by which that is spread at random, both ways. Default 0.2. */
  readonly jitter: number
  /** Good answers in a row after which it is there again. Default 2. */
  readonly up: number
  /** Bad ones in a row after which it is not. Default 3. */
  readonly down: number
  /** Milliseconds without a call after which a provider elsewhere is asked. Default 300000. */
  readonly idleMs: number
}

export const PROBING: ProbingOptions = {
  localMs: 10_000,
  jitter: 0.2,
  up: 2,
  down: 3,
  idleMs: 300_000,
}

export interface ProbeMoment {
  readonly nowMs: number
  /** 0 to 1. */
  readonly random: () => number
  /** Whether one of its targets is waiting for a trial. */
  readonly isTrialDue: boolean
}

/** What is known of one provider from its probes. */
export class Probing {
  readonly #style: ProbeStyle
  readonly #options: ProbingOptions
  #state: 'up' | 'down' = 'up'
  #good = 0
  #bad = 0
  /** When it was last heard of, by a call or a probe. */
  #heardMs: number
  #nextMs: number | undefined
  #isUnderWay = false

  constructor(style: ProbeStyle, options: ProbingOptions, nowMs: number) {
    this.#style = style
    this.#options = options
    this.#heardMs = nowMs
  }

  /** A call has told of it, by a failure. */
  called(nowMs: number): void {
    this.#heardMs = nowMs
  }

  /** A call was answered: it is there, whatever its probes say. Gives the state where that is news. */
  answered(nowMs: number): 'up' | undefined {
    this.#heardMs = nowMs
    this.#bad = 0
    if (this.#state === 'up') return undefined
    this.#state = 'up'
    return 'up'
  }

  /** Whether to ask it now; then `ended` must follow. */
  starts({ nowMs, random, isTrialDue }: ProbeMoment): boolean {
    if (this.#isUnderWay || !this.#isDue(nowMs, isTrialDue)) return false
    const { localMs, jitter } = this.#options
    this.#nextMs = nowMs + localMs * (1 + jitter * (2 * random() - 1))
    this.#isUnderWay = true
    return true
  }

  #isDue(nowMs: number, isTrialDue: boolean): boolean {
    // Also where there is reason to ask, it is not asked more often than at intervals.
    if (nowMs < (this.#nextMs ?? 0)) return false
    switch (this.#style) {
      case 'at-intervals':
        return true
      case 'when-idle':
        return isTrialDue || nowMs - this.#heardMs >= this.#options.idleMs
      case 'never':
        return false
    }
  }

  /** The state that it is in now, where that is news. */
  ended(answer: 'good' | 'bad', nowMs: number): 'up' | 'down' | undefined {
    this.#isUnderWay = false
    this.#heardMs = nowMs
    this.#good = answer === 'good' ? this.#good + 1 : 0
    this.#bad = answer === 'bad' ? this.#bad + 1 : 0
    const state = this.#stateNow()
    if (state === this.#state) return undefined
    this.#state = state
    return state
  }

  #stateNow(): 'up' | 'down' {
    if (this.#bad >= this.#options.down) return 'down'
    return this.#good >= this.#options.up ? 'up' : this.#state
  }
}
