// Feeds a provider's tracker from its replies, and gives failures the provider's name.
import { type GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { type Usage, mergeUsage } from '../canonical/usage.ts'
import type { Exchange, Handler, Reply } from '../exchange/exchange.ts'
import type { Tracker } from './tracker.ts'

/** What is tracked. */
export interface Tracked {
  readonly tracker: Tracker
  readonly clock: () => number
}

export async function tracked(
  provider: Tracked,
  exchange: Exchange,
  handler: Handler,
): Promise<Reply> {
  const { tracker, clock } = provider
  const startedAt = clock()
  tracker.started()
  try {
    const reply = await handler(exchange)
    if (reply.kind === 'stream') {
      tracker.firstEvent(clock() - startedAt)
      return { ...reply, events: new TrackedEvents(reply.events, { tracker, clock, startedAt }) }
    }
    tracker.used(reply.response.usage)
    tracker.succeeded(clock() - startedAt)
    return reply
  } catch (thrown) {
    const error = toGatewayError(thrown)
    if (error.kind === 'cancelled') tracker.abandoned()
    else tracker.failed()
    throw error
  }
}

/** Settles its call once: at the end, at an error, or when the reader leaves, be it before the first event. */
class TrackedEvents implements AsyncIterableIterator<ChatEvent> {
  readonly #events: AsyncIterator<ChatEvent>
  readonly #call: Tracked & { readonly startedAt: number }
  #usage: Usage | undefined
  #settled = false

  constructor(events: AsyncIterable<ChatEvent>, call: Tracked & { readonly startedAt: number }) {
    this.#events = events[Symbol.asyncIterator]()
    this.#call = call
  }

  async next(): Promise<IteratorResult<ChatEvent>> {
    const { tracker, clock, startedAt } = this.#call
    let result: IteratorResult<ChatEvent>
    try {
      result = await this.#events.next()
    } catch (thrown) {
      const error = toGatewayError(thrown)
      this.#settle(() => this.#fail(error))
      throw error
    }
    if (result.done === true) this.#settle(() => tracker.succeeded(clock() - startedAt))
    else if (result.value.type === 'usage-update') {
      this.#usage = mergeUsage(this.#usage, result.value.usage)
    } else if (result.value.type === 'error') {
      const { error } = result.value
      this.#settle(() => this.#fail(error))
    } else if (result.value.type === 'response-end') {
      this.#settle(() => tracker.succeeded(clock() - startedAt))
    }
    return result
  }

  async return(): Promise<IteratorResult<ChatEvent>> {
    this.#settle(() => this.#call.tracker.abandoned())
    await this.#events.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #fail(error: GatewayError): void {
    if (error.kind === 'cancelled') this.#call.tracker.abandoned()
    else this.#call.tracker.failed()
  }

  #settle(outcome: () => void): void {
    if (this.#settled) return
    this.#settled = true
    this.#call.tracker.used(this.#usage)
    outcome()
  }
}
