// What this process has seen of shared limits, so that a Redis that lost its memory can be told.
import type { ConcurrencyTake, LimitStanding, RateTake } from '../../resilience/limits/limit.ts'

/** Something to tell: a bucket that is not full, or a place that is held. */
export type Memory =
  | { readonly kind: 'rate'; readonly key: string; readonly leftMs: number }
  | {
      readonly kind: 'concurrency'
      readonly key: string
      readonly leftMs: number
      readonly holder: string
    }

/** Buckets that are full again are looked for after so many entries. */
const SWEEP_EVERY = 1000

export class Remembered {
  readonly #clock: () => number
  readonly #fullAt = new Map<string, number>()
  readonly #places = new Map<string, { readonly take: ConcurrencyTake; readonly until: number }>()
  #sinceSweep = 0

  /** `clock` in milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** A bucket as it has just been seen. */
  seen({ key }: RateTake, { resetMs }: LimitStanding): void {
    this.#fullAt.set(key, this.#clock() + resetMs)
    this.#sinceSweep += 1
    if (this.#sinceSweep < SWEEP_EVERY) return
    this.#sinceSweep = 0
    const now = this.#clock()
    for (const [known, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(known)
  }

  /** A charge that has gone through moves the bucket too. */
  moved({ key, limit, periodMs }: RateTake, amount: number): void {
    const now = this.#clock()
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now) + (amount * periodMs) / limit
    this.#fullAt.set(key, fullAt)
  }

  held(take: ConcurrencyTake): void {
    this.#places.set(`${take.key}\n${take.holder}`, { take, until: this.#clock() + take.ttlMs })
  }

  left({ key, holder }: ConcurrencyTake): void {
    this.#places.delete(`${key}\n${holder}`)
  }

  all(): readonly Memory[] {
    const now = this.#clock()
    const buckets = [...this.#fullAt]
      .filter(([, fullAt]) => fullAt > now)
      .map(([key, fullAt]): Memory => ({ kind: 'rate', key, leftMs: fullAt - now }))
    const places = [...this.#places.values()]
      .filter(({ until }) => until > now)
      .map(({ take: { key, holder }, until }): Memory => {
        return { kind: 'concurrency', key, holder, leftMs: until - now }
      })
    return [...buckets, ...places]
  }
}
