// A reply with somebody who listens: every event as it passes, and how it ended, once.
import { type GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { type Usage, mergeUsage } from '../canonical/usage.ts'
import type { Reply } from './reply.ts'
import { AnswerEar, type HeardAnswer, UNHEARD, heardIn } from './heard-answer.ts'

/** How a reply ended: whole, broken, or left by its reader before its end. */
export type Outcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: GatewayError }
  | { readonly kind: 'abandoned' }

/** Hears of the end once: the outcome, the last counts that were heard, and, where it asks, what was shown until then. */
export type OnEnd = (outcome: Outcome, usage: Usage | undefined, heard: () => HeardAnswer) => void

/** Hears every event before the end that it leads to; a whole answer as if it had come in pieces. */
interface Listener {
  hear(event: ChatEvent): void
}

const SUCCEEDED = { kind: 'succeeded' } as const
const unheard = (): HeardAnswer => UNHEARD

/** Of an answer that is there as a whole. */
export function outcomeOf({ error }: ChatResponse): Outcome {
  return error === undefined ? SUCCEEDED : ended(error)
}

/** The same reply; `onEnd` is called before this returns where the reply is whole already. */
export function observed(reply: Reply, onEnd: OnEnd, listener?: Listener): Reply {
  switch (reply.kind) {
    case 'whole': {
      const { response } = reply
      if (listener !== undefined) {
        for (const event of explode(response)) listener.hear(event)
      }
      onEnd(outcomeOf(response), response.usage, () => heardIn(response))
      return reply
    }
    case 'stream':
      return {
        ...reply,
        events: new ObservedSteps(reply.events, { saidIn: (event) => [event], onEnd, listener }),
      }
    case 'vectors':
      onEnd(SUCCEEDED, reply.response.usage, unheard)
      return reply
    case 'count':
      onEnd(SUCCEEDED, undefined, unheard)
      return reply
    case 'bytes':
      return {
        ...reply,
        pieces: new ObservedSteps(reply.pieces, {
          saidIn: ({ events }) => events,
          onEnd,
          listener,
        }),
      }
  }
}

/** A caller that gave up has not seen a failure. */
function ended(error: GatewayError): Outcome {
  return error.kind === 'cancelled' ? { kind: 'abandoned' } : { kind: 'failed', error }
}

interface Observing<T> {
  readonly saidIn: (step: T) => readonly ChatEvent[]
  readonly onEnd: OnEnd
  readonly listener: Listener | undefined
}

/** Settles once: at the end, at an error, or when the reader leaves, be it before the first step. */
class ObservedSteps<T> implements AsyncIterableIterator<T> {
  readonly #steps: AsyncIterator<T>
  readonly #saidIn: (step: T) => readonly ChatEvent[]
  #onEnd: OnEnd | undefined
  readonly #listener: Listener | undefined
  readonly #ear = new AnswerEar()
  #usage: Usage | undefined

  constructor(steps: AsyncIterable<T>, { saidIn, onEnd, listener }: Observing<T>) {
    this.#steps = steps[Symbol.asyncIterator]()
    this.#saidIn = saidIn
    this.#onEnd = onEnd
    this.#listener = listener
  }

  async next(): Promise<IteratorResult<T>> {
    let result: IteratorResult<T>
    try {
      result = await this.#steps.next()
    } catch (thrown) {
      const error = toGatewayError(thrown)
      this.#settle(ended(error))
      throw error
    }
    if (result.done === true) this.#settle(SUCCEEDED)
    else for (const event of this.#saidIn(result.value)) this.#hear(event)
    return result
  }

  async return(): Promise<IteratorResult<T>> {
    this.#settle({ kind: 'abandoned' })
    await this.#steps.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #hear(event: ChatEvent): void {
    this.#listener?.hear(event)
    if (event.type === 'usage-update') this.#usage = mergeUsage(this.#usage, event.usage)
    else if (event.type === 'error') this.#settle(ended(event.error))
    else if (event.type === 'response-end') this.#settle(SUCCEEDED)
    else this.#ear.hear(event)
  }

  #settle(outcome: Outcome): void {
    const onEnd = this.#onEnd
    this.#onEnd = undefined
    onEnd?.(outcome, this.#usage, () => this.#ear.heard)
  }
}
