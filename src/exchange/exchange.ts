// One call in flight: what is asked, of whom, for how long, and what comes back.
import type { Cost } from '../canonical/cost.ts'
import type { EmbedRequest, EmbedResponse } from '../canonical/embedding.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Note, Policy } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { TokenCount } from '../canonical/token-count.ts'
import type { Json } from '../wire/json.ts'
import type { Account } from './account.ts'
import type { CacheAsk, CacheTold } from './answer-cache.ts'
import type { Choice } from './choice.ts'
import type { LimitSheet } from './limit-sheet.ts'
import type { Steps } from './steps.ts'
import type { Target } from './target.ts'
import type { Trail } from './trail.ts'

export type { Target } from './target.ts'

/** The client's own message, for a target of the same dialect. Whoever changes `request` may leave it: it passes only where both say the same. */
export interface Source {
  readonly dialect: string
  /** Of the request, inside the dialect's front. */
  readonly path: string
  readonly body: Json
  /** The text that `body` was parsed from. */
  readonly text: string
  /** What `text` was read from, where it is large and has one byte for each character. */
  readonly bytes?: Uint8Array
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

/** How an answer came: untouched after an untouched request, or after one with single keys changed; else it was translated. */
export type PassingLane = 'bytes' | 'patch'
export type Lane = PassingLane | 'translate'

/** The upstream's own words, for a client of the same dialect. Whoever changes the answer beside them leaves them out. */
export interface PassedText {
  readonly lane: PassingLane
  readonly contentType: string
  readonly text: string
}

/**
 * Why an upstream was asked in this protocol of several: it is the only one; the client's own text passes in it; another
 * would lose more; or none loses more, and this one comes first.
 */
export type ProtocolReason = 'only' | 'untouched' | 'least-loss' | 'preferred'

/** The protocol that an upstream was asked in. */
export interface AskedIn {
  readonly dialect: string
  readonly reason: ProtocolReason
}

interface Told {
  readonly notes: readonly Note[]
  /** Absent where the provider speaks no wire protocol. */
  readonly askedIn?: AskedIn
  /** Who answered, where that may be another than was asked first. */
  readonly target?: Target
  /** Whether it came from the cache of answers; absent where nobody asked for that. */
  readonly cached?: CacheTold
}

export interface WholeReply extends Told {
  readonly kind: 'whole'
  readonly response: ChatResponse
  /** Absent where tokens or price are not known. */
  readonly cost?: Cost
  readonly passed?: PassedText
}

/**
 * The first event has arrived when a handler resolves: early failures reject instead. Leaving the iteration early cancels the
 * upstream. A step is what came at once, mostly by one read of the network, so that what is done for a step is not done for
 * each event.
 */
export interface StreamReply extends Told {
  readonly kind: 'stream'
  readonly events: Steps<readonly ChatEvent[]>
}

/** Some bytes of a passed stream, and what they say. An error event is never in the bytes: whoever sends them on says it. */
export interface PassedPiece {
  readonly bytes: Uint8Array
  readonly events: readonly ChatEvent[]
  /** It ends inside a frame: nothing of our own may follow it. */
  readonly open?: true
}

/** As a StreamReply, for a client that gets the upstream's own bytes. */
export interface BytesReply extends Told {
  readonly kind: 'bytes'
  readonly lane: PassingLane
  readonly contentType: string
  readonly pieces: Steps<PassedPiece>
}

export interface EmbedReply extends Told {
  readonly kind: 'vectors'
  readonly response: EmbedResponse
  readonly passed?: PassedText
}

export interface CountReply extends Told {
  readonly kind: 'count'
  readonly count: TokenCount
  readonly passed?: PassedText
}

export type ChatReply = WholeReply | StreamReply | BytesReply
export type Reply = ChatReply | EmbedReply | CountReply

/**
 * Answers each operation with its own kind of reply, and a chat by `request.stream.enabled` with a stream or bytes or with a
 * WholeReply; bytes only where there is a `source`. Throws GatewayError.
 */
export type Handler = (exchange: Exchange) => Promise<Reply>
export type Middleware = (next: Handler) => Handler

/** The lane that a reply came by. */
export function laneOf(reply: Reply): Lane {
  switch (reply.kind) {
    case 'bytes':
      return reply.lane
    case 'stream':
      return 'translate'
    default:
      return reply.passed?.lane ?? 'translate'
  }
}

/** The first middleware is the outermost. */
export function compose(middleware: readonly Middleware[], handler: Handler): Handler {
  return middleware.reduceRight((next, wrap) => wrap(next), handler)
}
