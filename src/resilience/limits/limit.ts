// A limit that a call must pass: so much in a period, or so many at once.

/**
 * What holds while the place where shared limits are counted is lost. `local_share`: this process counts its share alone.
 * `leased`: it spends what it has set aside before, so that nothing is spent twice. `closed`: nothing passes.
 */
export type OnLoss = 'local_share' | 'leased' | 'closed'

/** So much in a period, with all of it free to be used at once: the generic cell rate algorithm. */
export interface RateTake {
  readonly kind: 'rate'
  /** Whose, and of what: `provider/openai/requests`. */
  readonly key: string
  readonly limit: number
  readonly periodMs: number
  /** Requests, tokens: what this call takes of it. */
  readonly cost: number
  /** Default `local_share`. */
  readonly onLoss?: OnLoss
}

/** So many at once. A holder that is not heard of for `ttlMs` has died and holds nothing. */
export interface ConcurrencyTake {
  readonly kind: 'concurrency'
  readonly key: string
  readonly limit: number
  readonly holder: string
  readonly ttlMs: number
  /** Default `local_share`; a place cannot be set aside. */
  readonly onLoss?: Exclude<OnLoss, 'leased'>
}

export type Take = RateTake | ConcurrencyTake

/** How a limit stands after it was asked. */
export interface LimitStanding {
  readonly remaining: number
  /** Milliseconds until nothing of it is used. */
  readonly resetMs: number
}

/**
 * Who decided: this process, where nothing is shared (`memory`); the count that gateways share (`shared`); or, while that is
 * lost, this process for its part (`local`), out of what it has set aside (`leased`), or nobody, and nothing passes (`closed`).
 */
export type LimitMode = 'memory' | 'shared' | 'local' | 'leased' | 'closed'

interface Asked {
  /** One for each take that was asked for, in order. */
  readonly standings: readonly LimitStanding[]
  readonly mode: LimitMode
}

export interface Granted extends Asked {
  readonly granted: true
}

export interface Denied extends Asked {
  readonly granted: false
  /** Which of the takes had no room. */
  readonly at: number
  /** Milliseconds; absent where the call is larger than the whole limit. */
  readonly retryAfterMs?: number
}

/** A rate that turned out to be more, or less, than was taken. */
export interface Charge {
  readonly take: RateTake
  /** Below 0: given back. */
  readonly amount: number
}

/** At once where it is counted here, without a turn of its own: most calls ask. */
export type Soon<T> = T | Promise<T>

/**
 * Where limits are counted. Every take of one call is granted or none is, so that a call refused by one limit uses
 * nothing of another.
 */
export interface LimitStore {
  take(takes: readonly Take[]): Soon<Granted | Denied>
  /** Cannot be refused: the work is done. */
  charge(charges: readonly Charge[]): Soon<void>
  /** Puts off the death of those who are still at work. */
  renew(takes: readonly ConcurrencyTake[]): Soon<void>
  release(takes: readonly ConcurrencyTake[]): Soon<void>
  close(): Promise<void>
}

/** A count that is kept elsewhere and may be lost: everything fails while it is. */
export interface SharedLimitStore extends LimitStore {
  /** Resolves where it can be counted with. */
  check(): Promise<void>
  /** Tells of places that were given while it was lost. */
  adopt(takes: readonly ConcurrencyTake[]): Promise<void>
}
