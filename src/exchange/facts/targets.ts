// Targets as facts: how they are.
import type { Target } from '../target.ts'

/** As the circuit breaker of a target stands. */
export type TargetState = 'closed' | 'open' | 'half-open' | 'slow-start'

/** A target may be asked from now on, or not, or only a little. */
export interface TargetStateChanged {
  readonly type: 'target-state-changed'
  readonly target: Target
  readonly from: TargetState
  readonly to: TargetState
  /** Code or kind of its last failure. */
  readonly reason?: string
  /** Milliseconds until it is tried again. */
  readonly waitMs?: number
}

/** A target is left alone for a time, where there is another. */
export interface TargetCooled {
  readonly type: 'target-cooled'
  readonly target: Target
  readonly forMs: number
}

/** A target is asked although its breaker is open, because every other is open too; or is so no more. */
export interface PanicChanged {
  readonly type: 'panic-changed'
  readonly target: Target
  readonly panics: boolean
}

/** A provider was asked whether it is there, at no cost. */
export interface ProbeEnded {
  readonly type: 'probe-ended'
  readonly provider: string
  readonly healthy: boolean
  readonly elapsedMs: number
}

/** A call tries whether a target is back, or has come to its end: meanwhile no other does, in no process. */
export interface TargetTried {
  readonly type: 'target-tried'
  readonly target: Target
  readonly state: 'begun' | 'ended'
}

/** What asking a provider again and again has shown: it is not there, is there again, or has not answered once. */
export interface ProviderFound {
  readonly type: 'provider-found'
  readonly provider: string
  readonly state: 'lost' | 'back' | 'missed'
}

/** A call was not sent to a target that refused most of them lately. */
export interface TargetThrottled {
  readonly type: 'target-throttled'
  readonly id: string
  readonly target: Target
}

export type TargetFact =
  | PanicChanged
  | ProbeEnded
  | ProviderFound
  | TargetCooled
  | TargetStateChanged
  | TargetThrottled
  | TargetTried
