// What a process has set aside of shared rates, paid for in advance: all it may spend while the shared count is lost.
import type { LimitStanding, RateTake, Take } from './limit.ts'

/** Part of a limit that a process sets aside, unless it is told otherwise. */
export const SLICE_SHARE = 0.02
/** Part of the period after which a slice that could not be had is asked for again. */
const RETRY_SHARE = 0.01

interface Slice {
  left: number
  /** A slice is of the period it was paid in: later it would come on top of a full limit. */
  until: number
  /** Not asked for again before this. */
  askAfter: number
}

export class Slices {
  readonly #clock: () => number
  readonly #share: number
  readonly #byKey = new Map<string, Slice>()

  /** `clock` in milliseconds; `share` of a limit is set aside. */
  constructor(clock: () => number, share: number) {
    this.#clock = clock
    this.#share = share
  }

  /** How much to set aside now; 0 when there is enough, when it was asked for just now, and when the limit is too small to share. */
  wanted({ key, limit, periodMs }: RateTake): number {
    const now = this.#clock()
    const size = Math.floor(limit * this.#share)
    if (size === 0) return 0
    const slice = this.#byKey.get(key)
    if (slice !== undefined && now < slice.askAfter) return 0
    if (slice !== undefined && now < slice.until && slice.left >= size / 2) return 0
    const left = slice === undefined || now >= slice.until ? 0 : slice.left
    this.#byKey.set(key, {
      left,
      until: left === 0 ? now : (slice?.until ?? now),
      askAfter: now + periodMs * RETRY_SHARE,
    })
    return size
  }

  /** A slice of so much has been paid for; it was asked for at that time. */
  stock({ key, periodMs, cost }: RateTake, askedAt: number): void {
    const slice = this.#byKey.get(key)
    const left = slice !== undefined && askedAt < slice.until ? slice.left : 0
    const askAfter = slice?.askAfter ?? askedAt
    this.#byKey.set(key, { left: left + cost, until: askedAt + periodMs, askAfter })
  }

  has(take: Take): boolean {
    if (take.kind !== 'rate') return false
    const slice = this.#byKey.get(take.key)
    return slice !== undefined && this.#clock() < slice.until && slice.left >= take.cost
  }

  spend(take: Take): void {
    const slice = this.#byKey.get(take.key)
    if (slice !== undefined && take.kind === 'rate') slice.left -= take.cost
  }

  standing({ key }: Take): LimitStanding {
    const slice = this.#byKey.get(key)
    const now = this.#clock()
    if (slice === undefined || now >= slice.until) return { remaining: 0, resetMs: 0 }
    return { remaining: Math.floor(slice.left), resetMs: slice.until - now }
  }
}
