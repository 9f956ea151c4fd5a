// The contract of a wire protocol: pure codecs between its wire and the canonical model, for both sides of the gateway.
import type { ChatEvent } from '../canonical/event.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { Lowered, Note } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { Amend } from './amendment.ts'
import type { EmbeddingsCodec } from './embeddings.ts'
import type { FieldNames } from './field-names.ts'
import type { Keeping } from './keeping.ts'
import type { LimitHeaders } from './limit-headers.ts'
import type { Patchable } from './patchable.ts'
import type { Profile } from './profile.ts'
import type { Refrain } from './refrain.ts'
import type { TokenCountCodec } from './token-counting.ts'
import type { AnswerFraming, Frame, Framing } from '../wire/frame.ts'
import type { Json } from '../wire/json.ts'
import type { Machine } from '../wire/machine.ts'
import type { WireHeaders, WireRequest, WireResponse } from '../wire/message.ts'

export type { Patchable } from './patchable.ts'
export type { Profile } from './profile.ts'

/**
 * What a front can be asked. `model` is one entry of the model list, `running` the models in memory, `alive` a bare "are you
 * there"; `unserved` is what clients of the protocol know and a gateway refuses.
 */
export type Operation =
  | 'chat'
  | 'embed'
  | 'count-tokens'
  | 'models'
  | 'model'
  | 'running'
  | 'version'
  | 'alive'
  | 'unserved'

/** What is known of a request before a dialect has been chosen for it. */
export interface RequestHint {
  /** Percent-encoded, without the query. */
  readonly path: string
  readonly headers: WireHeaders
  readonly body?: Json
}

/**
 * A place where the dialect is served. `path` may end in `/:model`, with the wire's own word after it where the model is
 * not last: `/:model:generate`. It is mounted as it stands and under the dialect's prefix.
 */
export interface Endpoint {
  readonly operation: Operation
  readonly method: 'GET' | 'POST' | 'HEAD' | 'DELETE'
  readonly path: string
  /** The words that it takes after the model's name, behind the last colon of the path. Absent: any that no other endpoint takes. */
  readonly verbs?: readonly string[]
  /** Where several dialects share a path: whether this request is meant for this one. Absent: takes what no other claims. */
  readonly claims?: (hint: RequestHint) => boolean
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

export interface StreamDecoder extends Machine<Frame, ChatEvent> {
  /** Set once the answer is whole, on wires whose own end may still come or be forgotten: what follows is bookkeeping. */
  readonly complete?: boolean
  /** What frames have in common that differ in one text only, where that is known by the last frame. */
  readonly refrain?: Refrain | undefined
  /** Hears the text of a frame of the refrain instead of the frame; false where it wants the frame. Absent: it wants every frame. */
  takes?(text: string): boolean
}

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

export interface ModelsCodec {
  /** Where an upstream of this dialect lists its models: one free call. */
  readonly listPath: string
  decodeList(body: Json): readonly ModelCard[]
  /** The query that asks for the page after this one. Absent, or undefined: there is none. */
  readonly nextPage?: (body: Json) => Readonly<Record<string, string>> | undefined
  encodeList(cards: readonly ModelCard[]): Json
  encodeOne(card: ModelCard): Json
  /** Where an upstream tells which models it holds in memory: one free call. Absent: it does not. */
  readonly running?: {
    readonly path: string
    decode(body: Json): readonly ModelCard[]
    encode(cards: readonly ModelCard[]): Json
  }
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
  /** Absent: the protocol turns no texts into vectors. */
  readonly embeddings?: EmbeddingsCodec
  /** Absent: the protocol cannot be asked how long a request is. */
  readonly tokenCount?: TokenCountCodec
  /** Where its clients may come back to an answer; absent: each request stands on its own. */
  readonly keeping?: Keeping
  /** How its clients look for limits in headers; absent: as OpenAI has them. */
  readonly limitHeaders?: LimitHeaders
  /** Makes a request printable here: pure, idempotent, and the identity on this dialect's own requests. */
  lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest>
  /** Whether a target goes on with an answer that stands at the end of a request, as if it had begun it. Absent: none does. */
  readonly continues?: (profile: Profile) => boolean
  /** What to change where an upstream's refusal says it; pure. The call is tried once more. Absent: refusals of this wire say nothing of the kind. */
  readonly amend?: Amend
}
