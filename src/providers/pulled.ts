// A stream that its reader pulls: more is asked of the upstream only when it is wanted, and nothing once the reader has left.

export abstract class Pulled<T> implements AsyncIterableIterator<T> {
  protected ready: T[] = []
  /** Nothing more is to come than what is ready. */
  protected over = false

  /** Gets what comes next into `ready`, or sets `over`. Never rejects. */
  protected abstract pull(): Promise<void>

  /** Tells the upstream that nobody wants the rest. */
  protected abstract cancel(): void

  async next(): Promise<IteratorResult<T>> {
    while (this.ready.length === 0 && !this.over) await this.pull()
    const piece = this.ready.shift()
    return piece === undefined ? { done: true, value: undefined } : { done: false, value: piece }
  }

  async return(): Promise<IteratorResult<T>> {
    this.ready = []
    if (!this.over) {
      this.over = true
      this.cancel()
    }
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
