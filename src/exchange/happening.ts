// What happens, as facts: told once by whoever knows them, heard by metrics, log, events and tests.
import type { GatewayError } from '../canonical/errors.ts'
import type { Usage } from '../canonical/usage.ts'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import type { Attempt } from './trail.ts'

/** The cache of answers had no part in a call that asked for it, or its answer was not put away. */
export interface CacheBypassed {
  readonly type: 'cache-bypassed'
  readonly id: string
  /** What was asked, or what the answer was: only whole, good ones of calls that do no more than answer are kept. */
  readonly reason:
    | 'abandoned'
    | 'asked'
    | 'cut-short'
    | 'failed'
    | 'hosted-tools'
    | 'not-text'
    | 'operation'
    | 'store-lost'
    | 'stored-upstream'
    | 'too-large'
}

/** A call waited for the same call that had come just before it, and got its answer. */
interface CacheCoalesced {
  readonly type: 'cache-coalesced'
  readonly id: string
}

/** A call was answered from the cache of answers. */
interface CacheHit {
  readonly type: 'cache-hit'
  readonly id: string
  /** Milliseconds since the answer was given. */
  readonly ageMs: number
}

/** A call asked for the cache of answers, and had to be made. */
interface CacheMiss {
  readonly type: 'cache-miss'
  readonly id: string
}

/** An answer was put into the cache. */
interface CacheStored {
  readonly type: 'cache-stored'
  readonly id: string
  /** Characters. */
  readonly length: number
}

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
  /** It was answered from the cache: its usage is that of the call that was made, and cost nothing again. */
  readonly cached?: true
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

/**
 * `first`: the call is made. `stored`, `not-stored`: its answer is kept for calls that come again, or its key is free again.
 * `replayed`: one that came again got it. `in-flight`, `mismatch`: one was refused, for the first is under way or asked something else.
 */
export type IdempotencyResult =
  | 'first'
  | 'in-flight'
  | 'mismatch'
  | 'not-stored'
  | 'replayed'
  | 'store-lost'
  | 'stored'

/** What the Idempotency-Key of a call led to. */
interface Idempotency {
  readonly type: 'idempotency'
  readonly id: string
  readonly result: IdempotencyResult
}

/** The shared count of limits was asked for something. */
export interface LimiterAsked {
  readonly type: 'limiter-asked'
  readonly operation: 'charge' | 'check' | 'lease' | 'release' | 'renew' | 'take'
  readonly answered: boolean
  readonly elapsedMs: number
}

/** The shared count of limits is found lost, or found again. */
interface LimiterBackend {
  readonly type: 'limiter-backend'
  readonly state: 'up' | 'down'
  /** Why it is lost: `redis_timeout`, `redis_lost` ... */
  readonly reason?: string
}

/** Limits let a call pass, or refused it. */
export interface LimiterDecided {
  readonly type: 'limiter-decided'
  readonly id: string
  /** Those of its caller, once a call; those of its target, before each attempt. */
  readonly of: 'caller' | 'target'
  /** How it was decided: by one process alone, by all together or, while their count is lost, in one of the ways that limits have for that. */
  readonly mode: 'memory' | 'shared' | 'local' | 'leased' | 'closed'
  readonly granted: boolean
}

/** The shared count of limits has failed. */
interface LimiterError {
  readonly type: 'limiter-error'
  /** `redis_lost`, `redis_timeout`, `redis_protocol`, `redis_loading`, `redis_readonly`, `redis_memory`, `redis_settling` ... */
  readonly reason: string
}

/** A slice of a limit was paid for in advance: it may be spent while the shared count is lost. */
interface LimiterLeased {
  readonly type: 'limiter-leased'
  /** Whose, and of what. */
  readonly key: string
  readonly amount: number
}

/** The shared count had lost what it knew, and was told. */
interface LimiterReseeded {
  readonly type: 'limiter-reseeded'
  /** All of it; or it was seen that one count was missing, as evicted. */
  readonly reason: 'memory-lost' | 'count-missing'
  /** How many counts this process told of. */
  readonly counts: number
}

/** Every fact, one member each. */
export type Happening =
  | AttemptAnswered
  | AttemptFailed
  | CacheBypassed
  | CacheCoalesced
  | CacheHit
  | CacheMiss
  | CacheStored
  | CallEnded
  | CallStarted
  | Idempotency
  | LimiterAsked
  | LimiterBackend
  | LimiterDecided
  | LimiterError
  | LimiterLeased
  | LimiterReseeded
  | RetryDenied

export type Tell = (happening: Happening) => void
