// What those are told who follow a call to its end.
import type { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Usage } from '../canonical/usage.ts'
import type { HeardAnswer } from './heard-answer.ts'
import type { Outcome } from './observed.ts'
import type { Reply } from './reply.ts'

/** How an answer ended, the last counts that were heard, and what was shown until then. */
export interface Ending {
  readonly outcome: Outcome
  readonly usage: Usage | undefined
  readonly heard: () => HeardAnswer
}

/** Is told of one beginning and one end at the most: `failed` alone, or `began` and `ended`. */
export interface Follower {
  /** The call is given up, whatever becomes of it; only before its end. */
  left?(): void
  /** An answer has begun, or is there as a whole. */
  began?(reply: Reply): void
  /** Of an answer that comes in pieces: what is said, before the end that it leads to. */
  hear?(event: ChatEvent): void
  ended(ending: Ending): void
  /** No answer has begun. */
  failed(error: GatewayError): void
}

/** Where they are. */
export interface Followers {
  join(follower: Follower): void
}
