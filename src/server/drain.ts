// The stop of a server in its steps: say so and wait, take nothing new, let calls end, cut what does not, close.
import type { After } from './message.ts'

export interface DrainOptions {
  readonly after: After
  /** Milliseconds in which calls are still taken, for who spreads them to hear of the stop. */
  readonly waitMs: number
  /** Milliseconds from the first word of the stop until calls are cut. */
  readonly deadlineMs: number
  /** Resolves once the last connection has ended. */
  readonly stopAccepting: () => Promise<void>
  /** Tells every call that its time is up; gives how many there were. */
  readonly cutCalls: () => number
  readonly cutConnections: () => void
}

export interface DrainReport {
  /** Calls that were cut. */
  readonly cut: number
}

/** After calls were cut: the milliseconds they have to say so to their clients. */
const LAST_WORDS = 800

export class Drain {
  readonly #options: DrainOptions
  #step: 'open' | 'waiting' | 'closing' | 'cutting' | 'closed' = 'open'
  #isHurried = false
  #endWait: () => void = () => undefined
  #callOff: () => void = () => undefined
  #cut = 0

  constructor(options: DrainOptions) {
    this.#options = options
  }

  get hasBegun(): boolean {
    return this.#step !== 'open'
  }

  /** To be called once. */
  async begin(): Promise<DrainReport> {
    const { after, waitMs, deadlineMs, stopAccepting } = this.#options
    this.#step = 'waiting'
    if (waitMs > 0 && !this.#isHurried) await this.#waited(waitMs)
    this.#step = 'closing'
    const ended = stopAccepting()
    if (this.#isHurried) this.#cutAll()
    else this.#callOff = after(Math.max(0, deadlineMs - waitMs), () => this.#cutAll())
    await ended
    this.#step = 'closed'
    this.#callOff()
    return { cut: this.#cut }
  }

  /** No more patience: calls are cut now. */
  hurry(): void {
    this.#isHurried = true
    this.#endWait()
    if (this.#step === 'closing') this.#cutAll()
  }

  #waited(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#options.after(milliseconds, resolve)
      this.#endWait = () => {
        callOff()
        resolve()
      }
    })
  }

  #cutAll(): void {
    const { after, cutCalls, cutConnections } = this.#options
    this.#callOff()
    this.#step = 'cutting'
    this.#cut = cutCalls()
    this.#callOff = after(LAST_WORDS, cutConnections)
  }
}
