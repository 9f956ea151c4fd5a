// One timer for many waits: nearly all of them are called off, since what they wait for comes first.
import { type After, LONGEST_WAIT_MS, realAfter } from './after.ts'

/** Shorter waits have a timer of their own, which is exact. */
const SHARED_FROM_MS = 1000
/** A shared wait ends up to so much late, and never early. */
const GRAIN_MS = 16

/** A wait in the ring of those that end together, or the head of one. */
class Wait {
  before: Wait = this
  behind: Wait = this
  /** Undefined once it is over, and of a head. */
  run: (() => void) | undefined

  /** At the end of the ring. */
  join(head: Wait): void {
    this.before = head.before
    this.behind = head
    head.before.behind = this
    head.before = this
  }

  leave(): void {
    this.before.behind = this.behind
    this.behind.before = this.before
  }
}

/** As realAfter, for whoever waits at every call. Each has its own: what is left of it ends with its owner. */
export function sharedAfter(): After {
  const waits = new Waits()
  return (milliseconds, run) =>
    milliseconds >= SHARED_FROM_MS && milliseconds <= LONGEST_WAIT_MS
      ? waits.add(milliseconds, run)
      : realAfter(milliseconds, run)
}

class Waits {
  /** By the grain of time at which they end. */
  readonly #rings = new Map<number, Wait>()
  #waiting = 0
  #timer: NodeJS.Timeout | undefined
  /** When the timer goes off, in grains. */
  #at = Infinity

  add(milliseconds: number, run: () => void): () => void {
    const at = Math.ceil((performance.now() + milliseconds) / GRAIN_MS)
    const wait = new Wait()
    wait.run = run
    wait.join(this.#ring(at))
    this.#waiting += 1
    if (at < this.#at) this.#set(at)
    else if (this.#waiting === 1) this.#timer?.ref()
    return () => {
      if (wait.run === undefined) return
      this.#over(wait)
      const isLast = wait.before === wait.behind
      if (isLast) this.#rings.delete(at)
    }
  }

  #ring(at: number): Wait {
    const known = this.#rings.get(at)
    if (known !== undefined) return known
    const head = new Wait()
    this.#rings.set(at, head)
    return head
  }

  #over(wait: Wait): void {
    wait.run = undefined
    wait.leave()
    this.#waiting -= 1
    // It stays set, for those to come; nobody's process is kept alive by it.
    if (this.#waiting === 0) this.#timer?.unref()
  }

  #set(at: number): void {
    clearTimeout(this.#timer)
    this.#at = at
    this.#timer = setTimeout(
      () => {
        // As realAfter: what has come while the event loop stood still may call it off.
        setImmediate(() => this.#due())
      },
      Math.min(Math.max(0, at * GRAIN_MS - performance.now()), LONGEST_WAIT_MS),
    )
  }

  #due(): void {
    const now = performance.now() / GRAIN_MS
    this.#at = Infinity
    this.#timer = undefined
    const due = [...this.#rings].filter(([at]) => at <= now).toSorted(([a], [b]) => a - b)
    for (const [at, head] of due) {
      this.#rings.delete(at)
      for (let wait = head.behind; wait.run !== undefined; wait = head.behind) {
        const { run } = wait
        this.#over(wait)
        run()
      }
    }
    const next = Math.min(...this.#rings.keys())
    if (next < this.#at) this.#set(next)
  }
}
