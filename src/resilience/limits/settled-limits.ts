// A count of limits that closes only once everything that was told of it has arrived: the last settlements of a stop are not lost.
import type { Charge, ConcurrencyTake, Denied, Granted, LimitStore, Soon, Take } from './limit.ts'

export class SettledLimits implements LimitStore {
  readonly #store: LimitStore
  readonly #pending = new Set<Promise<unknown>>()

  constructor(store: LimitStore) {
    this.#store = store
  }

  take(takes: readonly Take[]): Soon<Granted | Denied> {
    return this.#store.take(takes)
  }

  charge(charges: readonly Charge[]): Soon<void> {
    const telling = this.#store.charge(charges)
    return telling instanceof Promise ? this.#told(telling) : undefined
  }

  renew(takes: readonly ConcurrencyTake[]): Soon<void> {
    return this.#store.renew(takes)
  }

  release(takes: readonly ConcurrencyTake[]): Soon<void> {
    const telling = this.#store.release(takes)
    return telling instanceof Promise ? this.#told(telling) : undefined
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#pending)
    await this.#store.close()
  }

  async #told(telling: Promise<void>): Promise<void> {
    this.#pending.add(telling)
    try {
      await telling
    } finally {
      this.#pending.delete(telling)
    }
  }
}
