// A few calls at a time, a bounded number in line, first come first served.
import { GatewayError } from '../../canonical/errors.ts'

interface Waiting {
  readonly go: () => void
}

export interface SlotLimits {
  readonly slots: number
  /** How many may wait beside those that run. */
  readonly queue: number
}

export class Slots {
  readonly #limits: SlotLimits
  readonly #line: Waiting[] = []
  #taken = 0

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  get idle(): boolean {
    return this.#taken === 0 && this.#line.length === 0
  }

  /** Resolves when it is the caller's turn, with what gives the slot back. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#taken < this.#limits.slots) this.#taken += 1
    else await this.#queue(signal)
    let given = false
    return () => {
      if (given) return
      given = true
      this.#next()
    }
  }

  async #queue(signal: AbortSignal): Promise<void> {
    if (this.#line.length >= this.#limits.queue) {
      throw new GatewayError(
        'overloaded',
        `The embedded model is busy: ${this.#limits.slots} calls run and ${this.#line.length} wait. Try again in a moment, or raise "settings.queue" of the provider.`,
        { code: 'local_queue_full', retryAfterMs: 1000 },
      )
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting = { go: resolve }
    const leave = (): void => {
      this.#line.splice(this.#line.indexOf(waiting), 1)
      reject(signal.reason)
    }
    this.#line.push(waiting)
    signal.addEventListener('abort', leave, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /** The slot goes to the next in line without ever being free, so that nobody can jump the line. */
  #next(): void {
    const next = this.#line.shift()
    if (next === undefined) this.#taken -= 1
    else next.go()
  }
}
