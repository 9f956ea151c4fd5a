// Calls that are the same and come at once: the first is made, the others wait for what comes of it.
import type { ChatReply } from '../../exchange/exchange.ts'
import type { Pause } from '../pause.ts'

export interface Boarding {
  /** Of one that waited: what it gets now; undefined or `lost` where it must go itself. */
  readonly after: () => Promise<ChatReply | 'lost' | undefined>
  /** Of the first: what it gets. It says when others need not wait any more. */
  readonly first: (landed: () => void) => Promise<ChatReply>
}

export interface FlightsOptions {
  /** How long one waits for another; 0: not at all. */
  readonly coalesceMs: number
  readonly pause: Pause
}

export class Flights {
  readonly #options: FlightsOptions
  readonly #inFlight = new Map<string, Promise<void>>()

  constructor(options: FlightsOptions) {
    this.#options = options
  }

  async board(key: string, signal: AbortSignal, boarding: Boarding): Promise<ChatReply> {
    const before = this.#inFlight.get(key)
    if (before !== undefined && (await this.#landed(before, signal))) {
      const reply = await boarding.after()
      if (reply !== undefined && reply !== 'lost') return reply
    }
    return this.#first(key, boarding)
  }

  async #first(key: string, { first }: Boarding): Promise<ChatReply> {
    const { promise: landing, resolve } = Promise.withResolvers<void>()
    this.#inFlight.set(key, landing)
    const landed = (): void => {
      if (this.#inFlight.get(key) === landing) this.#inFlight.delete(key)
      resolve()
    }
    try {
      return await first(landed)
    } catch (thrown) {
      landed()
      throw thrown
    }
  }

  /** False where it took too long. */
  async #landed(landing: Promise<void>, signal: AbortSignal): Promise<boolean> {
    const { coalesceMs, pause } = this.#options
    if (coalesceMs === 0) return false
    const enough = new AbortController()
    const waited = pause(coalesceMs, AbortSignal.any([signal, enough.signal])).then(() => false)
    const isLanded = await Promise.race([landing.then(() => true), waited])
    enough.abort()
    return isLanded
  }
}
