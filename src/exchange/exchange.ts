// One call in flight: what is asked, of whom, for how long, and what comes back.
import type { ChatEvent } from '../canonical/event.ts'
import type { Note, Policy } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'

/** Where a request goes. `model` is the name the provider knows. */
export interface Target {
  readonly provider: string
  readonly model: string
}

export interface Exchange {
  /** The request id: in every log line, error and response header. */
  readonly id: string
  /** As the client sent it, with `model` still the client's word. */
  readonly request: ChatRequest
  readonly target: Target
  readonly policy: Policy
  /** Aborts when the client has gone or the deadline has passed. */
  readonly signal: AbortSignal
}

export interface WholeReply {
  readonly kind: 'whole'
  readonly response: ChatResponse
  readonly notes: readonly Note[]
}

/** The first event has arrived when a handler resolves: early failures reject instead. Leaving the iteration early cancels the upstream. */
export interface StreamReply {
  readonly kind: 'stream'
  readonly events: AsyncIterable<ChatEvent>
  readonly notes: readonly Note[]
}

export type Reply = WholeReply | StreamReply

/** Answers `request.stream.enabled` with a StreamReply, else with a WholeReply. Throws GatewayError. */
export type Handler = (exchange: Exchange) => Promise<Reply>
export type Middleware = (next: Handler) => Handler

/** The first middleware is the outermost. */
export function compose(middleware: readonly Middleware[], handler: Handler): Handler {
  return middleware.reduceRight((next, wrap) => wrap(next), handler)
}
