// What happens, as facts: told once by whoever knows them, heard by metrics, log, events and tests.
import type { GatewayError } from '../canonical/errors.ts'
import type { Usage } from '../canonical/usage.ts'
import type { Exchange } from './exchange.ts'
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

/** Every fact, one member each. */
export type Happening = AttemptAnswered | AttemptFailed | CallEnded | CallStarted | RetryDenied

export type Tell = (happening: Happening) => void
