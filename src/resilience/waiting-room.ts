// Calls that wait for a place: a bounded time, the more important first, and under overload the youngest first, whose client still waits.
import type { After } from '../canonical/after.ts'

/** Lower goes first. */
export type Rank = number

export interface WaitingOptions {
  readonly after: After
  /** Under overload the oldest have waited for nothing: whoever comes last has the best chance to be in time. */
  readonly isOverloaded: () => boolean
}

export interface Wait {
  readonly rank: Rank
  readonly milliseconds: number
  readonly signal: AbortSignal
}

/** `in`: it has a place. `late`: there was none in time. `left`: its client has gone. */
export type WaitEnd = 'in' | 'late' | 'left'

interface Waiter {
  readonly rank: Rank
  readonly end: (how: WaitEnd) => void
}

export class WaitingRoom {
  readonly #options: WaitingOptions
  #waiters: readonly Waiter[] = []

  constructor(options: WaitingOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#waiters.length
  }

  wait({ rank, milliseconds, signal }: Wait): Promise<WaitEnd> {
    return new Promise((resolve) => {
      const leave = (): void => waiter.end('left')
      const callOff = this.#options.after(milliseconds, () => waiter.end('late'))
      const waiter: Waiter = {
        rank,
        end: (how) => {
          callOff()
          signal.removeEventListener('abort', leave)
          this.#waiters = this.#waiters.filter((other) => other !== waiter)
          resolve(how)
        },
      }
      this.#waiters = [...this.#waiters, waiter]
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
    })
  }

  /** Lets one in; false where nobody waits. */
  letIn(): boolean {
    if (this.#waiters.length === 0) return false
    const best = Math.min(...this.#waiters.map(({ rank }) => rank))
    const equals = this.#waiters.filter(({ rank }) => rank === best)
    const next = this.#options.isOverloaded() ? equals.at(-1) : equals[0]
    next?.end('in')
    return next !== undefined
  }
}
