// The cache of answers, and calls that are sent again, as facts.

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

export type CacheFact =
  | CacheBypassed
  | CacheCoalesced
  | CacheHit
  | CacheMiss
  | CacheStored
  | Idempotency
