// Feeds a provider's tracker from its replies, and gives failures the provider's name.
import { type GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { type Usage, mergeUsage } from '../canonical/usage.ts'
import type { Exchange, Handler, Reply } from '../exchange/exchange.ts'
import { failureUnder } from './cancelled.ts'
import type { Tracker } from './tracker.ts'

/** What is tracked. */
export interface Tracked {
  readonly tracker: Tracker
  readonly clock: () => number
}

interface TrackedCall extends Tracked {
  readonly startedAt: number
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
    const call = { tracker, clock, startedAt }
    const elapsedMs = clock() - startedAt
    switch (reply.kind) {
      case 'stream':
        tracker.firstEvent(elapsedMs)
        return { ...reply, events: new TrackedSteps(reply.events, (event) => [event], call) }
      case 'bytes':
        tracker.firstEvent(elapsedMs)
        return { ...reply, pieces: new TrackedSteps(reply.pieces, ({ events }) => events, call) }
      case 'whole':
      case 'vectors':
        tracker.used(reply.response.usage)
        break
      case 'count':
        break
    }
    tracker.succeeded(elapsedMs)
    return reply
  } catch (thrown) {
    const error = failureUnder(exchange.signal, thrown)
    fail(provider, error)
    throw error
  }
}

function fail({ tracker, clock }: Tracked, error: GatewayError): void {
  if (error.kind === 'cancelled') tracker.abandoned()
  else tracker.failed()
  const { kind, origin, retryAfterMs } = error
  const isTheirs = origin === 'upstream' && kind === 'rate_limit'
  if (isTheirs && retryAfterMs !== undefined) tracker.held(retryAfterMs, clock())
}

/** Settles its call once: at the end, at an error, or when the reader leaves, be it before the first event. */
class TrackedSteps<T> implements AsyncIterableIterator<T> {
  readonly #steps: AsyncIterator<T>
  readonly #saidIn: (step: T) => readonly ChatEvent[]
  readonly #call: TrackedCall
  #usage: Usage | undefined
  #settled = false

  constructor(
    steps: AsyncIterable<T>,
    saidIn: (step: T) => readonly ChatEvent[],
    call: TrackedCall,
  ) {
    this.#steps = steps[Symbol.asyncIterator]()
    this.#saidIn = saidIn
    this.#call = call
  }

  async next(): Promise<IteratorResult<T>> {
    let result: IteratorResult<T>
    try {
      result = await this.#steps.next()
    } catch (thrown) {
      const error = toGatewayError(thrown)
      this.#settle(() => this.#fail(error))
      throw error
    }
    if (result.done === true) this.#succeed()
    else for (const event of this.#saidIn(result.value)) this.#hear(event)
    return result
  }

  async return(): Promise<IteratorResult<T>> {
    this.#settle(() => this.#call.tracker.abandoned())
    await this.#steps.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #hear(event: ChatEvent): void {
    if (event.type === 'usage-update') this.#usage = mergeUsage(this.#usage, event.usage)
    else if (event.type === 'error') this.#settle(() => this.#fail(event.error))
    else if (event.type === 'response-end') this.#succeed()
  }

  #succeed(): void {
    const { tracker, clock, startedAt } = this.#call
    this.#settle(() => tracker.succeeded(clock() - startedAt))
  }

  #fail(error: GatewayError): void {
    fail(this.#call, error)
  }

  #settle(outcome: () => void): void {
    if (this.#settled) return
    this.#settled = true
    this.#call.tracker.used(this.#usage)
    outcome()
  }
}
