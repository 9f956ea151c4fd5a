// Calls as facts: what a caller asked for, in the library too.
import type { GatewayError } from '../../canonical/errors.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { AbortReason } from '../abort-reason.ts'
import type { Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import type { Attempt } from '../trail.ts'

/** A call has come in. */
interface CallStarted {
  readonly type: 'call-started'
  /** The request id. */
  readonly id: string
  readonly operation: Exchange['operation']
  /** The public id of the caller's key. */
  readonly caller?: string
}

/** A call's answer has begun to come in pieces; its end follows. */
interface StreamStarted {
  readonly type: 'stream-started'
  readonly id: string
}

/** A call has had its one end. */
export interface CallEnded {
  readonly type: 'call-ended'
  readonly id: string
  readonly operation: Exchange['operation']
  readonly caller?: string
  /** `abandoned`: its reader left before the end. */
  readonly outcome: 'succeeded' | 'failed' | 'abandoned'
  readonly error?: GatewayError
  /** How its stream ended, where its answer came in pieces. */
  readonly streamEnd?: StreamEnded['end']
  /** Who answered, where somebody did. */
  readonly target?: Target
  readonly attempts: readonly Attempt[]
  readonly elapsedMs: number
  /** The last counts that were heard. */
  readonly usage?: Usage
  /** It was answered from the cache: its usage is that of the call that was made, and cost nothing again. */
  readonly cached?: true
}

/** A client has left a call that was under way. */
export interface ClientGone {
  readonly type: 'client-gone'
  readonly id: string
  /** `queue`: nobody had been asked yet; `ttft`: before the answer began; `stream`: within it. */
  readonly phase: 'queue' | 'ttft' | 'stream'
}

/** A streamed answer has had its one end: `whole`, broken by its provider, or cut by somebody. */
export interface StreamEnded {
  readonly type: 'stream-ended'
  readonly id: string
  readonly end: 'whole' | 'failed' | AbortReason
  readonly target?: Target
}

/** An answer calls a tool that its request does not declare; told once for each name in it. */
export interface UndeclaredTool {
  readonly type: 'undeclared-tool'
  readonly id: string
  readonly target: Target
  readonly name: string
}

export type CallFact =
  | CallEnded
  | CallStarted
  | ClientGone
  | StreamEnded
  | StreamStarted
  | UndeclaredTool
