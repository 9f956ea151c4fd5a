// A reply with somebody who listens: every event as it passes, and how it ended, once.
import type { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { Usage } from '../canonical/usage.ts'
import type { Reply } from './reply.ts'
import { type HeardAnswer, UNHEARD, heardIn } from './heard-answer.ts'
import type { Hearing } from './hearing.ts'
import type { Watcher } from './steps.ts'
import { watched } from './watched-steps.ts'

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
const ABANDONED = { kind: 'abandoned' } as const
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
    case 'bytes':
      return watched(reply, new Observer(onEnd, listener))
    case 'vectors':
      onEnd(SUCCEEDED, reply.response.usage, unheard)
      return reply
    case 'count':
      onEnd(SUCCEEDED, undefined, unheard)
      return reply
  }
}

/** A caller that gave up has not seen a failure. */
function ended(error: GatewayError): Outcome {
  return error.kind === 'cancelled' ? ABANDONED : { kind: 'failed', error }
}

/** Settles once: at the end, at an error, or when the reader leaves, be it before the first step. */
class Observer implements Watcher {
  #onEnd: OnEnd | undefined
  readonly #listener: Listener | undefined

  constructor(onEnd: OnEnd, listener: Listener | undefined) {
    this.#onEnd = onEnd
    this.#listener = listener
  }

  see(events: readonly ChatEvent[] | undefined, hearing: Hearing): undefined {
    if (events !== undefined && this.#listener !== undefined) {
      for (const event of events) this.#listener.hear(event)
    }
    if (events === undefined || hearing.end === 'whole') this.#settle(SUCCEEDED, hearing)
    else if (hearing.end !== undefined) this.#settle(ended(hearing.end), hearing)
  }

  failed(error: GatewayError, hearing: Hearing): void {
    this.#settle(ended(error), hearing)
  }

  left(hearing: Hearing): void {
    this.#settle(ABANDONED, hearing)
  }

  #settle(outcome: Outcome, hearing: Hearing): void {
    const onEnd = this.#onEnd
    if (onEnd === undefined) return
    this.#onEnd = undefined
    onEnd(outcome, hearing.usage, () => hearing.heard)
  }
}
