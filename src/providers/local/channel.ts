// Values that one side pushes and the other side awaits.

/** Unbounded: for senders that are bounded themselves. */
export class Channel<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = []
  #failure: { readonly error: Error } | undefined
  #ended = false
  #wake: (() => void) | undefined

  push(value: T): void {
    this.#values.push(value)
    this.#wake?.()
  }

  /** What has been pushed is still read first. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  fail(error: Error): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<T>> {
    for (;;) {
      const value = this.#values.shift()
      if (value !== undefined) return { done: false, value }
      if (this.#failure !== undefined) throw this.#failure.error
      if (this.#ended) return { done: true, value: undefined }
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
