// What this process has seen of shared limits, so that a Redis that lost its memory can be told.
import type {
  ConcurrencyTake,
  LimitStanding,
  RateTake,
  Take,
} from '../../resilience/limits/limit.ts'

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
/** A place that is about to end may have ended on Redis' own clock. */
const SLACK_MS = 1000

export class Remembered {
  readonly #clock: () => number
  readonly #fullAt = new Map<string, number>()
  /** By key: who holds a place, and until when. */
  readonly #places = new Map<string, Map<string, number>>()
  #sinceSweep = 0

  /** `clock` in milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** A bucket as it has just been seen. */
  seen({ key }: RateTake, { resetMs }: Pick<LimitStanding, 'resetMs'>): void {
    this.#fullAt.set(key, this.#clock() + resetMs)
    this.#sinceSweep += 1
    if (this.#sinceSweep < SWEEP_EVERY) return
    this.#sinceSweep = 0
    const now = this.#clock()
    for (const [known, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(known)
  }

  /** Whether anything of it is known to be used. */
  knows({ kind, key }: Pick<Take, 'kind' | 'key'>): boolean {
    const now = this.#clock()
    if (kind === 'rate') return (this.#fullAt.get(key) ?? 0) > now
    for (const until of this.#places.get(key)?.values() ?? []) {
      if (until - SLACK_MS > now) return true
    }
    return false
  }

  held({ key, holder, ttlMs }: ConcurrencyTake): void {
    const holders = this.#places.get(key) ?? new Map<string, number>()
    holders.set(holder, this.#clock() + ttlMs)
    this.#places.set(key, holders)
  }

  /** Those who have left stay away. */
  renewed(take: ConcurrencyTake): void {
    if (this.#places.get(take.key)?.has(take.holder) === true) this.held(take)
  }

  left({ key, holder }: ConcurrencyTake): void {
    const holders = this.#places.get(key)
    holders?.delete(holder)
    if (holders?.size === 0) this.#places.delete(key)
  }

  all(): readonly Memory[] {
    const now = this.#clock()
    const buckets = [...this.#fullAt]
      .filter(([, fullAt]) => fullAt > now)
      .map(([key, fullAt]): Memory => ({ kind: 'rate', key, leftMs: fullAt - now }))
    const places = [...this.#places].flatMap(([key, holders]) =>
      [...holders]
        .filter(([, until]) => until > now)
        .map(([holder, until]): Memory => {
          return { kind: 'concurrency', key, holder, leftMs: until - now }
        }),
    )
    return [...buckets, ...places]
  }
}
