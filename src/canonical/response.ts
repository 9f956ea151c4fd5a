// A chat answer in no vendor's words.
import type { Node, Origin } from './extensions.ts'
import type { GatewayError } from './errors.ts'
import type { Json } from './json.ts'
import type { Part, TokenLogprob } from './part.ts'
import type { Usage } from './usage.ts'

export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'context-length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'malformed-tool-call'
  | 'compaction'
  | 'error'
  | 'cancelled'
  | 'other'

/** `raw` is the vendor's own word; only the same dialect prints it again. */
export interface Finish {
  readonly reason: FinishReason
  readonly raw?: string
  readonly stopSequence?: string
  readonly detail?: Json
}

export interface Candidate extends Node {
  readonly index: number
  readonly parts: readonly Part[]
  readonly finish?: Finish
  readonly logprobs?: readonly TokenLogprob[]
}

export interface ChatResponse extends Node {
  readonly origin: Origin
  /** Absent where the wire has none; encoders then mint one from the request id. */
  readonly id?: string
  readonly model: string
  /** Milliseconds since 1970; absent where the wire has none. */
  readonly createdMs?: number
  readonly candidates: readonly Candidate[]
  readonly usage?: Usage
  /** Set when the answer was cut by a failure after it had begun. */
  readonly error?: GatewayError
  readonly fingerprint?: string
  readonly tier?: string
}
