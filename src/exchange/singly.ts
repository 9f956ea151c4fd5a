// Events one by one, as users of the library see them, and in the steps in which they are handled here: all that came at once.
import type { ChatEvent } from '../canonical/event.ts'

type Events = readonly ChatEvent[]

/** Each event as a step of its own. Leaving it leaves the events, be it before the first. */
export function singly(events: AsyncIterable<ChatEvent>): AsyncIterableIterator<Events> {
  return new Singly(events)
}

class Singly implements AsyncIterableIterator<Events> {
  readonly #events: AsyncIterator<ChatEvent>

  constructor(events: AsyncIterable<ChatEvent>) {
    this.#events = events[Symbol.asyncIterator]()
  }

  async next(): Promise<IteratorResult<Events>> {
    const step = await this.#events.next()
    return step.done === true
      ? { done: true, value: undefined }
      : { done: false, value: [step.value] }
  }

  async return(): Promise<IteratorResult<Events>> {
    await this.#events.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
