// The contract of a wire protocol: pure codecs between its wire and the canonical model, for both sides of the gateway.
import type { ChatEvent } from '../canonical/event.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { Lowered, Note } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { FieldNames } from './field-names.ts'
import type { Keeping } from './keeping.ts'
import type { AnswerFraming, Frame, Framing } from '../wire/frame.ts'
import type { Json, JsonObject } from '../wire/json.ts'
import type { Machine } from '../wire/machine.ts'
import type { WireHeaders, WireRequest, WireResponse } from '../wire/message.ts'

/** What a front can be asked. `model` is one entry of the model list, `alive` a bare "are you there". */
export type Operation = 'chat' | 'models' | 'model' | 'version' | 'alive'

/** What is known of a request before a dialect has been chosen for it. */
export interface RequestHint {
  readonly headers: WireHeaders
  readonly body?: Json
}

/**
 * A place where the dialect is served. `path` may end in `/:model`, with the wire's own word after it where the model is
 * not last: `/:model:generate`. It is mounted as it stands and under the dialect's prefix.
 */
export interface Endpoint {
  readonly operation: Operation
  readonly method: 'GET' | 'POST' | 'HEAD'
  readonly path: string
  /** Where several dialects share a path: whether this request is meant for this one. Absent: takes what no other claims. */
  readonly claims?: (hint: RequestHint) => boolean
}

/** What a target declares of itself; a dialect reads the flags it knows and has a default for each. */
export interface Profile {
  readonly provider: string
  /** The model's name on the target. */
  readonly model?: string
  readonly flags: JsonObject
}

/** For reading an answer: what was asked, and of whom. */
export interface DecodeContext {
  readonly request: ChatRequest
  readonly profile: Profile
}

/** For writing an answer to a client. `now` gives milliseconds since 1970 and is passed in so that codecs stay pure. */
export interface EncodeContext {
  /** The client's own request, as its dialect decoded it: it says which shape the client wants. */
  readonly request: ChatRequest
  /** Seeds ids that the client's wire needs and the upstream did not give. */
  readonly requestId: string
  readonly now: () => number
}

export interface RequestCodec {
  /** Keeps what it does not model in `extensions`, injects no default, and throws WireError or GatewayError with a path. */
  decode(wire: WireRequest): ChatRequest
  /** Prints a request that this dialect's `lower` has made printable. `path` is relative to the provider's base URL. */
  encode(request: ChatRequest, profile: Profile): WireRequest
}

export interface ResponseCodec {
  decode(wire: WireResponse, context: DecodeContext): ChatResponse
  encode(response: ChatResponse, context: EncodeContext): Lowered<WireResponse>
}

export interface ErrorCodec {
  /** Total: any status, any body. Never keeps HTML in the message. */
  decode(wire: WireResponse): GatewayError
  encode(error: GatewayError, requestId: string): WireResponse
}

export interface StreamDecoder extends Machine<Frame, ChatEvent> {}

export interface StreamEncoder extends Machine<ChatEvent, Frame> {
  /** What may be sent while the upstream is silent; undefined where the framing has nothing harmless. */
  keepAlive(): Frame | undefined
  /** What could not be said in this dialect, so far. */
  readonly notes: readonly Note[]
}

export interface StreamCodec {
  /** Ends every stream in `response-end` or `error`, whatever comes in; after that it gives nothing more. */
  decoder(context: DecodeContext): StreamDecoder
  /** `finish()` after an unfinished stream writes an in-band error, never a clean stop. */
  encoder(context: EncodeContext): StreamEncoder
}

/** A key of the request's body that may be changed in the client's own text when everything else of it can pass as it is. */
interface Patchable {
  /** Keys from the body's root inwards: one or two. */
  readonly path: readonly string[]
  /** Frames of a stream that come only because this key was changed: a client that did not set it never sees them. */
  readonly unasked?: (frame: Frame) => boolean
}

export interface ModelsCodec {
  /** Where an upstream of this dialect lists its models: one free call. */
  readonly listPath: string
  decodeList(body: Json): readonly ModelCard[]
  encodeList(cards: readonly ModelCard[]): Json
  encodeOne(card: ModelCard): Json
}

export interface Dialect {
  readonly id: string
  /** Where it is served unmistakably, such as `/openai`. */
  readonly prefix: string
  readonly framing: Framing
  /** Where a client can choose how the stream of its answer is framed; absent: always as `framing`. */
  readonly framingOf?: (request: ChatRequest) => AnswerFraming
  readonly endpoints: readonly Endpoint[]
  /** Absent: a request passes wholly untouched, or is printed anew. */
  readonly patchable?: readonly Patchable[]
  /** Keys at the root of a chat's body, each list of them together in no other dialect's: so a body is known that comes without its path. */
  readonly marks: readonly (readonly string[])[]
  /** What its clients call the places that an error can point at. */
  readonly fieldNames: FieldNames
  /** What its `version` endpoint says, where clients compare it with the vendor's own server; absent: Patchbay's own. */
  readonly version?: string
  /** Headers that carry a client's key in this dialect are read by the server's one extraction function, not here. */
  readonly request: RequestCodec
  readonly response: ResponseCodec
  readonly error: ErrorCodec
  readonly stream: StreamCodec
  readonly models: ModelsCodec
  /** Where its clients may come back to an answer; absent: each request stands on its own. */
  readonly keeping?: Keeping
  /** Makes a request printable here: pure, idempotent, and the identity on this dialect's own requests. */
  lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest>
}
