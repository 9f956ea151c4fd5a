// Limits as facts: what they decided, and how their shared count is.

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

export type LimitFact =
  | LimiterAsked
  | LimiterBackend
  | LimiterDecided
  | LimiterError
  | LimiterLeased
  | LimiterReseeded
