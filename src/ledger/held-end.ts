// A reply whose end is given on only once something else is done: what a client has seen whole is written down.
import type { Reply } from '../exchange/exchange.ts'

/** Undefined while there is nothing to wait for. */
type Pending = () => Promise<unknown> | undefined

export async function heldEnd(reply: Reply, pending: Pending): Promise<Reply> {
  switch (reply.kind) {
    case 'stream':
      return { ...reply, events: new HeldSteps(reply.events, pending) }
    case 'bytes':
      return { ...reply, pieces: new HeldSteps(reply.pieces, pending) }
    default:
      await pending()
      return reply
  }
}

class HeldSteps<T> implements AsyncIterableIterator<T> {
  readonly #steps: AsyncIterator<T>
  readonly #pending: Pending

  constructor(steps: AsyncIterable<T>, pending: Pending) {
    this.#steps = steps[Symbol.asyncIterator]()
    this.#pending = pending
  }

  async next(): Promise<IteratorResult<T>> {
    const result = await this.#steps.next()
    await this.#pending()
    return result
  }

  async return(): Promise<IteratorResult<T>> {
    await this.#steps.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
