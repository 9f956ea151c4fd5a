// A stream whose first event has been seen: early failures reject instead of hiding in the stream.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'

/** Waits for the first event; rejects when that fails, or when it is an error event. Pings are passed over. */
export async function peeked(events: AsyncIterable<ChatEvent>): Promise<AsyncIterable<ChatEvent>> {
  const iterator = events[Symbol.asyncIterator]()
  for (;;) {
    const first = await iterator.next()
    if (first.done === true) {
      throw new GatewayError('upstream', 'The provider ended its stream without an answer.', {
        origin: 'upstream',
        code: 'empty_stream',
      })
    }
    if (first.value.type === 'error') {
      await iterator.return?.()
      throw first.value.error
    }
    if (first.value.type !== 'ping') return new Resumed(first.value, iterator)
  }
}

/** An iterator that has given one event already, whole again; cancelled even when nobody starts it. */
class Resumed implements AsyncIterableIterator<ChatEvent> {
  #first: ChatEvent | undefined
  readonly #rest: AsyncIterator<ChatEvent>

  constructor(first: ChatEvent, rest: AsyncIterator<ChatEvent>) {
    this.#first = first
    this.#rest = rest
  }

  async next(): Promise<IteratorResult<ChatEvent>> {
    const first = this.#first
    if (first === undefined) return this.#rest.next()
    this.#first = undefined
    return { done: false, value: first }
  }

  async return(): Promise<IteratorResult<ChatEvent>> {
    this.#first = undefined
    await this.#rest.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
