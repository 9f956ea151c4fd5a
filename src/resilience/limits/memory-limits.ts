// Limits of one process.
import type {
  Charge,
  ConcurrencyTake,
  Denied,
  Granted,
  LimitStanding,
  LimitStore,
  RateTake,
  Take,
} from './limit.ts'
import { fullAfter, standingAt, waitFor } from './rate-algorithm.ts'

/** A full place may be free in a moment: nobody knows when. */
const PLACE_WAIT_MS = 1000
/** Buckets that are full again are looked for after so many new ones. */
const SWEEP_EVERY = 1000

export class MemoryLimits implements LimitStore {
  readonly #clock: () => number
  readonly #fullAt = new Map<string, number>()
  /** By key: who holds a place, and until when without a word. */
  readonly #holders = new Map<string, Map<string, number>>()
  #sinceSweep = 0

  /** `clock` in milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  take(takes: readonly Take[]): Promise<Granted | Denied> {
    return Promise.resolve(this.takeNow(takes))
  }

  /** As take, for who cannot wait. */
  takeNow(takes: readonly Take[]): Granted | Denied {
    const now = this.#clock()
    const at = takes.findIndex((take) => !this.#hasRoom(take, now))
    const denied = takes[at]
    if (denied !== undefined) {
      const wait = this.#wait(denied, now)
      const standings = takes.map((take) => this.#standing(take, now))
      return {
        granted: false,
        at,
        standings,
        mode: 'memory',
        ...(wait === undefined ? {} : { retryAfterMs: wait }),
      }
    }
    for (const take of takes) this.#use(take, now)
    const standings = takes.map((take) => this.#standing(take, now))
    return { granted: true, standings, mode: 'memory' }
  }

  charge(charges: readonly Charge[]): Promise<void> {
    const now = this.#clock()
    for (const { take, amount } of charges) this.#move({ ...take, cost: amount }, now)
    return Promise.resolve()
  }

  /** Places that were given elsewhere. */
  hold(takes: readonly ConcurrencyTake[]): void {
    const now = this.#clock()
    for (const take of takes) this.#use(take, now)
  }

  renew(takes: readonly ConcurrencyTake[]): Promise<void> {
    const now = this.#clock()
    for (const { key, holder, ttlMs } of takes) {
      const holders = this.#holders.get(key)
      if (holders?.has(holder) === true) holders.set(holder, now + ttlMs)
    }
    return Promise.resolve()
  }

  release(takes: readonly ConcurrencyTake[]): Promise<void> {
    for (const { key, holder } of takes) {
      const holders = this.#holders.get(key)
      holders?.delete(holder)
      if (holders?.size === 0) this.#holders.delete(key)
    }
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.#fullAt.clear()
    this.#holders.clear()
    return Promise.resolve()
  }

  #hasRoom(take: Take, now: number): boolean {
    if (take.kind === 'rate') return waitFor(take, this.#fullAt.get(take.key) ?? 0, now) === 0
    return this.#held(take, now) < take.limit
  }

  #wait(take: Take, now: number): number | undefined {
    if (take.kind === 'concurrency') return take.limit < 1 ? undefined : PLACE_WAIT_MS
    return take.cost > take.limit ? undefined : waitFor(take, this.#fullAt.get(take.key) ?? 0, now)
  }

  #use(take: Take, now: number): void {
    if (take.kind === 'rate') {
      this.#move(take, now)
      return
    }
    const holders = this.#holders.get(take.key) ?? new Map<string, number>()
    holders.set(take.holder, now + take.ttlMs)
    this.#holders.set(take.key, holders)
  }

  #move(take: RateTake, now: number): void {
    this.#fullAt.set(take.key, fullAfter(take, this.#fullAt.get(take.key) ?? 0, now))
    this.#sinceSweep += 1
    if (this.#sinceSweep < SWEEP_EVERY) return
    this.#sinceSweep = 0
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key)
  }

  #standing(take: Take, now: number): LimitStanding {
    if (take.kind === 'rate') return standingAt(take, this.#fullAt.get(take.key) ?? 0, now)
    return { remaining: Math.max(0, take.limit - this.#held(take, now)), resetMs: 0 }
  }

  #held({ key }: ConcurrencyTake, now: number): number {
    const holders = this.#holders.get(key)
    if (holders === undefined) return 0
    for (const [holder, until] of holders) if (until <= now) holders.delete(holder)
    return holders.size
  }
}
