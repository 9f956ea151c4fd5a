// The steps of a stream, each of them tended before it is given on.

/** Is shown each step, and the end. What it gives is waited for. */
export type Tend<T> = (step: IteratorResult<T>) => Promise<unknown> | undefined

/** Whatever throws while it tends ends the steps, and what makes them; so does a reader that leaves, even before the first. */
export class TendedSteps<T> implements AsyncIterableIterator<T> {
  readonly #steps: AsyncIterator<T>
  readonly #tend: Tend<T>

  constructor(steps: AsyncIterable<T>, tend: Tend<T>) {
    this.#steps = steps[Symbol.asyncIterator]()
    this.#tend = tend
  }

  async next(): Promise<IteratorResult<T>> {
    const step = await this.#steps.next()
    try {
      // Mostly there is nothing to wait for, and a turn for each step of each stream adds up.
      const tending = this.#tend(step)
      if (tending !== undefined) await tending
    } catch (thrown) {
      await this.#steps.return?.()
      throw thrown
    }
    return step
  }

  async return(): Promise<IteratorResult<T>> {
    await this.#steps.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
