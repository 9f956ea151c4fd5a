// What a wire says of answers that its clients may come back to: what a request asks of them, how an answer tells of itself, how they are served.
import type { GatewayError } from '../canonical/errors.ts'
import type { KeptAnswer } from '../canonical/kept-answer.ts'
import type { Lowered } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Frame } from '../wire/frame.ts'
import type { Json } from '../wire/json.ts'

/** What can be done with one kept answer. `inputs` lists what it was made from. */
export type KeptOperation = 'retrieve' | 'remove' | 'inputs' | 'cancel'

/** Mounted as the dialect's other endpoints are; `:id` in the path is the answer's. */
export interface KeptEndpoint {
  readonly operation: KeptOperation
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
}

/** A place of the vendor's, with all below it, that is not served; what is said there. */
interface UnservedPlace {
  readonly path: string
  readonly refusal: () => GatewayError
}

/** What a request asks of what is kept. */
export interface Recall {
  /** Whether its answer is to be kept. */
  readonly keep: boolean
  /** The answer that it goes on from. */
  readonly previous?: string
}

/** What a request stands on. */
export interface Recalled {
  /** The answers before it, the oldest first. */
  readonly conversation: readonly KeptAnswer[]
  /** By an item's id, the answer that has it. */
  readonly holders: ReadonlyMap<string, KeptAnswer>
}

/** What an answer is to say of itself. Without an id it keeps its own. */
export interface AnswerMark {
  readonly id?: string
  readonly kept: boolean
  readonly previous?: string
}

/** An answer inside a frame of a stream. */
interface HeldAnswer {
  readonly answer: string
  /** Whether it is the answer as it ended. */
  readonly isLast: boolean
}

/** A look at a kept answer. */
export interface Look {
  readonly kept: KeptAnswer
  /** What came before it, as far as it is still there. */
  readonly before: readonly KeptAnswer[]
  readonly query: URLSearchParams
}

/** Answers are JSON text here: what is kept is, character by character, what the client was given. */
export interface Keeping {
  readonly endpoints: readonly KeptEndpoint[]
  readonly unserved: readonly UnservedPlace[]
  /** Throws GatewayError where the request wants state of another kind. */
  recall(body: Json | undefined): Recall
  /** The ids of pieces that the request, or what came before it, names without saying them. */
  references(body: Json | undefined, conversation: readonly KeptAnswer[]): readonly string[]
  /** The request with everything in it that it stands on, and what of that could not be said. Throws GatewayError where it cannot go on. */
  whole(body: Json, recalled: Recalled): Lowered<Json>
  /** The request asking nobody else to keep its answer: a provider of this wire that would is told not to. */
  unkept(request: ChatRequest): ChatRequest
  /** Undefined where the text is not an answer. */
  marked(answer: string, mark: AnswerMark): string | undefined
  /** Cheap: false where no frame in this piece of a stream holds an answer. */
  mayHold(piece: string): boolean
  held(frame: Frame): HeldAnswer | undefined
  /** The frame with another answer in it. */
  holding(frame: Frame, answer: string): Frame
  /** What is kept of a request and its answer. */
  toKeep(body: Json, answer: string, mark: AnswerMark & { readonly id: string }): KeptAnswer
  /** The JSON text that an endpoint answers with; throws GatewayError where it refuses. */
  reply(operation: KeptOperation, look: Look): string
  /** What is said of something that is not there. */
  missing(what: 'answer' | 'previous' | 'item', id: string): GatewayError
}
