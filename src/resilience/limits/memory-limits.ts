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

/** Of the places of one key. */
interface Holders {
  /** Until when each holds its place without a word. */
  readonly until: Map<string, number>
  /** Before this, none of them has died. */
  dueAt: number
}

export class MemoryLimits implements LimitStore {
  readonly #clock: () => number
  readonly #fullAt = new Map<string, number>()
  readonly #holders = new Map<string, Holders>()
  #sinceSweep = 0

  /** `clock` in milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  take(takes: readonly Take[]): Granted | Denied {
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

  charge(charges: readonly Charge[]): void {
    const now = this.#clock()
    for (const { take, amount } of charges) this.#move({ ...take, cost: amount }, now)
  }

  /** Places that were given elsewhere. */
  hold(takes: readonly ConcurrencyTake[]): void {
    const now = this.#clock()
    for (const take of takes) this.#use(take, now)
  }

  renew(takes: readonly ConcurrencyTake[]): void {
    const now = this.#clock()
    for (const { key, holder, ttlMs } of takes) {
      const until = this.#holders.get(key)?.until
      if (until?.has(holder) === true) until.set(holder, now + ttlMs)
    }
  }

  release(takes: readonly ConcurrencyTake[]): void {
    for (const { key, holder } of takes) {
      const until = this.#holders.get(key)?.until
      until?.delete(holder)
      if (until?.size === 0) this.#holders.delete(key)
    }
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
    const { key, holder, ttlMs } = take
    let holders = this.#holders.get(key)
    if (holders === undefined) {
      holders = { until: new Map(), dueAt: Infinity }
      this.#holders.set(key, holders)
    }
    holders.until.set(holder, now + ttlMs)
    holders.dueAt = Math.min(holders.dueAt, now + ttlMs)
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
    const { until } = holders
    if (holders.dueAt > now) return until.size
    holders.dueAt = Infinity
    for (const [holder, untilMs] of until) {
      if (untilMs <= now) until.delete(holder)
      else holders.dueAt = Math.min(holders.dueAt, untilMs)
    }
    return until.size
  }
}
