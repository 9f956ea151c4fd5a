// What happens, as facts: told once by whoever knows them, heard by metrics, log, events and tests.
import type { GatewayError } from '../canonical/errors.ts'
import type { Usage } from '../canonical/usage.ts'
import type { AbortReason } from './abort-reason.ts'
import type { Exchange, Priority } from './exchange.ts'
import type { Target } from './target.ts'
import type { Attempt } from './trail.ts'

/** A call has come in. */
export interface CallStarted {
  readonly type: 'call-started'
  /** The request id. */
  readonly id: string
  readonly operation: Exchange['operation']
  /** The public id of the caller's key. */
  readonly caller?: string
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
  /** Who answered, where somebody did. */
  readonly target?: Target
  readonly attempts: readonly Attempt[]
  readonly elapsedMs: number
  /** The last counts that were heard. */
  readonly usage?: Usage
}

/** A target has begun an answer. */
export interface AttemptAnswered {
  readonly type: 'attempt-answered'
  readonly id: string
  readonly target: Target
  /** Milliseconds to the beginning. */
  readonly elapsedMs: number
  /** The provider may have done the work of an earlier attempt too. */
  readonly replay?: true
}

/** A target has failed, before its answer began or within it. */
export interface AttemptFailed {
  readonly type: 'attempt-failed'
  readonly id: string
  readonly target: Target
  readonly when: 'before-answer' | 'in-answer'
  readonly error: GatewayError
  readonly elapsedMs: number
  readonly replay?: true
}

/** A further attempt was not made, to spare the provider. */
export interface RetryDenied {
  readonly type: 'retry-denied'
  readonly id: string
  readonly target: Target
  readonly reason: 'budget' | 'ratio'
}

/** A client has left a call that was under way. */
interface ClientGone {
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

/** A connection was given up because its client was too slow: in the head or body of its request, or in taking its answer. */
export interface SlowClient {
  readonly type: 'slow-client'
  readonly phase: 'head' | 'body' | 'answer'
}

/** The server stops: it takes calls for a moment longer, but says that it is not ready. */
interface DrainStarted {
  readonly type: 'drain-started'
  /** Calls under way. */
  readonly calls: number
}

/** A configuration was to take the place of the one in force. */
interface ConfigReloaded {
  readonly type: 'config-reloaded'
  readonly result: 'applied' | 'rejected'
  /** Of the configuration in force now; 1 is that of the start. */
  readonly generation: number
  /** Why it was not applied. */
  readonly error?: GatewayError
}

/** No call is under way any more. */
interface DrainEnded {
  readonly type: 'drain-ended'
  readonly elapsedMs: number
  /** Calls that were cut because the time was up. */
  readonly cut: number
}

/** How a second of this process was. */
interface LoadSampled {
  readonly type: 'load-sampled'
  /** The 99th percentile of the event loop's lag. */
  readonly lagMs: number
  /** The share of the time that the event loop was busy. */
  readonly utilisation: number
  /** The share of its memory that the process uses. */
  readonly memory: number
  /** 0 to 3: what is shed. */
  readonly level: number
}

/** A call was refused because this process has more to do than it can. */
interface Shed {
  readonly type: 'shed'
  readonly id: string
  readonly reason: 'lag' | 'memory' | 'calls'
  /** Absent where it was not yet known. */
  readonly priority?: Priority
}

/** A call was not sent to a target that refused most of them lately. */
interface TargetThrottled {
  readonly type: 'target-throttled'
  readonly id: string
  readonly target: Target
}

/** Every fact, one member each. */
export type Happening =
  | AttemptAnswered
  | AttemptFailed
  | CallEnded
  | CallStarted
  | ClientGone
  | ConfigReloaded
  | DrainEnded
  | DrainStarted
  | LoadSampled
  | RetryDenied
  | Shed
  | SlowClient
  | StreamEnded
  | TargetThrottled

export type Tell = (happening: Happening) => void
