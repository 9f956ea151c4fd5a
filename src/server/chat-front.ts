// What a protocol must be able to do so that clients can chat in it.
import type { Lowered } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { EncodeContext, StreamEncoder } from '../dialects/dialect.ts'
import type { Target } from '../exchange/exchange.ts'
import type { AnswerFraming } from '../wire/frame.ts'
import type { WireRequest, WireResponse } from '../wire/message.ts'
import type { AskedModel } from './model-directory.ts'

/** What encoders may know of a call. */
export interface AnswerContext extends EncodeContext {
  readonly target: Target
  /** Milliseconds since the call came in. */
  readonly elapsedMs: () => number
}

/** What a client asked for. */
export interface Asked extends AskedModel {
  readonly request: ChatRequest
}

/** The part of a protocol that a front needs to chat in it. */
export interface ChatFront {
  /** Its id, where clients of this front may get an upstream's own bytes. */
  readonly dialect?: string
  /** Its word for a place of the request that a failure names by the model's. */
  readonly fieldName?: (path: string, request: ChatRequest) => string | undefined
  readonly framing: (request: ChatRequest) => AnswerFraming
  readonly decode: (wire: WireRequest) => Asked
  readonly encode: (response: ChatResponse, context: AnswerContext) => Lowered<WireResponse>
  readonly encoder: (context: AnswerContext) => StreamEncoder
}
