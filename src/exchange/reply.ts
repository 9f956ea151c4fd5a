// What comes back of a call.
import type { Cost } from '../canonical/cost.ts'
import type { EmbedResponse } from '../canonical/embedding.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Note } from '../canonical/note.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { TokenCount } from '../canonical/token-count.ts'
import type { CacheTold } from './answer-cache.ts'
import type { Steps } from './steps.ts'
import type { Target } from './target.ts'

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
