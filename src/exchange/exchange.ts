// One call in flight: what is asked, of whom, and for how long.
import type { EmbedRequest } from '../canonical/embedding.ts'
import type { Policy } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Json } from '../wire/json.ts'
import type { Account } from './account.ts'
import type { CacheAsk } from './answer-cache.ts'
import type { Choice } from './choice.ts'
import type { LimitSheet } from './limit-sheet.ts'
import type { Reply } from './reply.ts'
import type { Target } from './target.ts'
import type { Trail } from './trail.ts'
import type { Followers } from './follower.ts'

export type {
  AskedIn,
  BytesReply,
  ChatReply,
  CountReply,
  EmbedReply,
  Lane,
  PassedPiece,
  PassedText,
  PassingLane,
  ProtocolReason,
  Reply,
  StreamReply,
  WholeReply,
} from './reply.ts'
export { laneOf } from './reply.ts'
export type { Target } from './target.ts'

/** The client's own message, for a target of the same dialect. Whoever changes `request` may leave it: it passes only where both say the same. */
export interface Source {
  readonly dialect: string
  /** Of the request, inside the dialect's front. */
  readonly path: string
  readonly body: Json
  /** The text that `body` was parsed from. */
  readonly text: string
}

/** What matters most when not everything can be done: `stream` is a client that watches, `batch` one that can wait. */
export type Priority = 'critical' | 'stream' | 'whole' | 'batch'

interface Envelope {
  /** The request id: in every log line, error and response header. */
  readonly id: string
  /** Absent where the request did not come in a dialect. */
  readonly source?: Source
  readonly target: Target
  /** What a route leaves to decide; whoever decides puts the first into `target` and the others into `alternatives`. */
  readonly choice?: Choice
  /** Who may be asked in its stead, in order. */
  readonly alternatives?: readonly Target[]
  readonly policy: Policy
  /** How long the caller waits for the whole answer, in milliseconds. */
  readonly timeoutMs?: number
  /** Absent: by what is asked. */
  readonly priority?: Priority
  /** How long it waits for the answer to begin. */
  readonly beginMs?: number
  /** When it stops waiting, in milliseconds of the clock that calls are timed with. */
  readonly deadlineMs?: number
  /** How often the client says that it has tried this call before. */
  readonly clientRetries?: number
  /** The public id of the caller's key. Absent: a caller without one; all of them count as one. */
  readonly caller?: string
  /** What more is known of the caller. */
  readonly account?: Account
  /** What its caller asks of the cache of answers; absent: what its route says. */
  readonly cache?: CacheAsk
  /** It goes on with an answer that broke off, which ends the request. */
  readonly continues?: true
  /** Hears of every attempt. */
  readonly trail?: Trail
  /** Hears how the caller's limits stand. */
  readonly limits?: LimitSheet
  /** Those who follow it to its end, as far as it has come; a call within it has its own. */
  readonly following?: Followers
  /** Aborts when the client has gone or the deadline has passed. */
  readonly signal: AbortSignal
}

/** `request` is as the client sent it, with `model` still the client's word. */
export interface ChatExchange extends Envelope {
  readonly operation: 'chat'
  readonly request: ChatRequest
}

/** Texts to vectors. */
export interface EmbedExchange extends Envelope {
  readonly operation: 'embed'
  readonly request: EmbedRequest
}

/** How many tokens a chat would read; nothing is generated. */
export interface CountExchange extends Envelope {
  readonly operation: 'count-tokens'
  readonly request: ChatRequest
}

/** All operations pass through one chain of middleware: one that is for some of them looks at `operation`. */
export type Exchange = ChatExchange | EmbedExchange | CountExchange

/**
 * Answers each operation with its own kind of reply, and a chat by `request.stream.enabled` with a stream or bytes or with a
 * WholeReply; bytes only where there is a `source`. Throws GatewayError.
 */
export type Handler = (exchange: Exchange) => Promise<Reply>
export type Middleware = (next: Handler) => Handler

/** The first middleware is the outermost. */
export function compose(middleware: readonly Middleware[], handler: Handler): Handler {
  return middleware.reduceRight((next, wrap) => wrap(next), handler)
}
