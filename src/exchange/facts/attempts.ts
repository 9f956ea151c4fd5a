// Attempts as facts: what was asked of targets for a call.
import type { Cost } from '../../canonical/cost.ts'
import type { GatewayError } from '../../canonical/errors.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { HeardAnswer } from '../heard-answer.ts'
import type { Target } from '../target.ts'
import type { CallEnded } from './calls.ts'
import type { TargetState } from './targets.ts'

/** A target has begun an answer. */
export interface AttemptAnswered {
  readonly type: 'attempt-answered'
  readonly id: string
  readonly target: Target
  /** Milliseconds to the beginning. */
  readonly elapsedMs: number
  /** The provider may have done the work of an earlier attempt too. */
  readonly replay?: true
  /** Which key of its credential it was made with, counted from 1. */
  readonly generation?: number
}

/** An answer that had begun is over, well or not. */
export interface AttemptEnded {
  readonly type: 'attempt-ended'
  readonly id: string
  readonly target: Target
  readonly outcome: CallEnded['outcome']
  /** What it said. */
  readonly heard: HeardAnswer
  readonly elapsedMs: number
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
  readonly generation?: number
}

/** A client tries a call again by itself, on top of our own attempts. */
interface ClientRetrySeen {
  readonly type: 'client-retry-seen'
  readonly id: string
  /** How often it says that it has tried before. */
  readonly count: number
}

/** A target was passed over unasked: its breaker lets nobody in. */
export interface AttemptSkipped {
  readonly type: 'attempt-skipped'
  readonly id: string
  readonly target: Target
  readonly state: TargetState
}

/** Two targets were asked at once, and one of them has lost. */
export interface HedgeEnded {
  readonly type: 'hedge-ended'
  readonly id: string
  /** How the second one fared; `failed`: neither has begun an answer. */
  readonly hedge: 'won' | 'lost' | 'failed'
  readonly winner?: Target
  readonly loser: Target
  /** What the loser has read, at the most: the operator's, and never the caller's. Absent where no price is known. */
  readonly cost?: Cost
}

/** A further attempt was not made, to spare the provider. */
export interface RetryDenied {
  readonly type: 'retry-denied'
  readonly id: string
  readonly target: Target
  readonly reason: 'budget' | 'ratio' | 'deadline'
}

/** A provider asked for a wait that is longer than any that is kept. */
export interface RetryHintClamped {
  readonly type: 'retry-hint-clamped'
  readonly id: string
  readonly target: Target
  /** What it asked for, in milliseconds. */
  readonly saidMs: number
  readonly keptMs: number
}

/** What further attempts may still cost at a provider has changed. */
export interface RetryBudgetChanged {
  readonly type: 'retry-budget-changed'
  readonly provider: string
  readonly tokens: number
}

/** What an answer used is known, or guessed where nobody counted. */
export interface UsageSettled {
  readonly type: 'usage-settled'
  readonly id: string
  readonly target: Target
  /** `provider`: its own counts of a whole answer. `partial`: those up to a cut. `estimate`: it told none or not all, and `usage` says by its mark that the rest is guessed. */
  readonly source: 'provider' | 'partial' | 'estimate'
  readonly usage: Usage
  readonly cost?: Cost
  /** What its provider said that is no count, such as `input.total`: it is not in `usage`. */
  readonly unsound?: readonly string[]
}

/** A connection to a provider was opened, or could not be. */
export interface Connected {
  readonly type: 'connected'
  readonly outcome: 'opened' | 'failed'
  readonly elapsedMs: number
}

export type AttemptFact =
  | AttemptAnswered
  | AttemptEnded
  | AttemptFailed
  | AttemptSkipped
  | ClientRetrySeen
  | Connected
  | HedgeEnded
  | RetryBudgetChanged
  | RetryDenied
  | RetryHintClamped
  | UsageSettled
