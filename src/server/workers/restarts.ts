// When a worker that has died is started again: at once, then later and later, and never more often than the guard allows.
export interface RestartOptions {
  /** Restarts of one server in a minute; any more wait. */
  readonly perMinute: number
  readonly firstMs: number
  readonly mostMs: number
}

const RESTARTS: RestartOptions = { perMinute: 5, firstMs: 100, mostMs: 30_000 }

const MINUTE = 60_000

export class Restarts {
  readonly #options: RestartOptions
  readonly #now: () => number
  /** When those of the last minute are due. */
  #due: readonly number[] = []
  #total = 0

  /** Milliseconds. */
  constructor(now: () => number, options: RestartOptions = RESTARTS) {
    this.#now = now
    this.#options = options
  }

  get total(): number {
    return this.#total
  }

  /** Whether there were so many that the next must wait for the guard. */
  get isGuarded(): boolean {
    return this.#recent().length >= this.#options.perMinute
  }

  /** In how many milliseconds the one that has died now is to be started again. */
  next(): number {
    const { perMinute, firstMs, mostMs } = this.#options
    const now = this.#now()
    const recent = this.#recent()
    const backoff = Math.min(mostMs, recent.length === 0 ? 0 : firstMs * 2 ** recent.length)
    const oldest = recent.at(-perMinute)
    const guarded = oldest === undefined ? 0 : oldest + MINUTE - now
    const wait = Math.max(backoff, guarded)
    this.#due = [...recent, now + wait]
    this.#total += 1
    return wait
  }

  #recent(): readonly number[] {
    const since = this.#now() - MINUTE
    return this.#due.filter((due) => due > since)
  }
}
