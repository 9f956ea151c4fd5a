// A stream that its reader pulls: more is asked of the upstream only when it is wanted, and nothing once the reader has left.

const DONE = { done: true, value: undefined } as const

export abstract class Pulled<T> implements AsyncIterableIterator<T> {
  #ready: T[] = []
  #reader: ((step: IteratorResult<T>) => void) | undefined
  /** Nothing more is to come than what is ready. */
  protected over = false

  /** Asks for what comes next; it calls `came` once that is there, or `over` is set. Never throws. */
  protected abstract pull(): void

  /** Tells the upstream that nobody wants the rest. */
  protected abstract cancel(): void

  protected give(step: T): void {
    this.#ready.push(step)
  }

  /** The reader gets what there is; where that is nothing, more is asked for. */
  protected came(): void {
    const reader = this.#reader
    if (reader === undefined) return
    const step = this.#ready.shift()
    if (step === undefined && !this.over) return this.pull()
    this.#reader = undefined
    reader(step === undefined ? DONE : { done: false, value: step })
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve) => {
      this.#reader = resolve
      this.came()
    })
  }

  async return(): Promise<IteratorResult<T>> {
    this.#ready = []
    if (!this.over) {
      this.over = true
      this.cancel()
    }
    this.came()
    return DONE
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
