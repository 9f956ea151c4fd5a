// What happens, as facts: told once by whoever knows them, heard by metrics, log, events and tests.
import type { Cost } from '../canonical/cost.ts'
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
  /** Which key of its credential it was made with, counted from 1. */
  readonly generation?: number
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
export interface ClientRetrySeen {
  readonly type: 'client-retry-seen'
  readonly id: string
  /** How often it says that it has tried before. */
  readonly count: number
}

/** Why a credential is left alone. */
export type CredentialFault = 'auth' | 'billing' | 'permission' | 'quota'

interface CredentialFact {
  readonly provider: string
  /** The credential's label. */
  readonly credential: string
  /** Which of its keys, counted from 1. */
  readonly generation: number
}

/** A provider said that the quota of a credential is used up: it is left alone for a while. */
export interface CredentialExhausted extends CredentialFact {
  readonly type: 'credential-exhausted'
  readonly forMs: number
}

/** A provider refused a credential: it is not used until its key is changed, somebody lifts that, or a free check succeeds. */
export interface CredentialQuarantined extends CredentialFact {
  readonly type: 'credential-quarantined'
  readonly reason: CredentialFault
  /** Only this model is closed to it. */
  readonly model?: string
  /** Absent: until something is done about it. */
  readonly forMs?: number
}

/** A credential has got another key, or its first one. */
export interface CredentialReplaced extends CredentialFact {
  readonly type: 'credential-replaced'
}

/** A credential may be used again. */
export interface CredentialRestored extends CredentialFact {
  readonly type: 'credential-restored'
  readonly by: 'operator' | 'probe'
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

/** Every fact, one member each. */
export type Happening =
  | AttemptAnswered
  | AttemptFailed
  | CallEnded
  | CallStarted
  | ClientRetrySeen
  | CredentialExhausted
  | CredentialQuarantined
  | CredentialReplaced
  | CredentialRestored
  | HedgeEnded
  | RetryDenied
  | RetryHintClamped

export type Tell = (happening: Happening) => void
