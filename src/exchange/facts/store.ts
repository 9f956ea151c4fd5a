// The database as facts: what it was asked, how it was found, and what failed.

/** What keeps a database from doing its work, as it stands behind `store_` in the code of an error. */
type Failure =
  | 'unavailable'
  | 'full'
  | 'read_only'
  | 'corrupt'
  | 'busy'
  | 'uncertain'
  | 'newer'
  | 'failed'

/** An operation has ended. */
interface StoreAsked {
  readonly type: 'store-asked'
  /** The name of the operation. */
  readonly operation: string
  readonly answered: boolean
  readonly elapsedMs: number
  /** Operations that have not ended, after this one. */
  readonly waiting: number
}

/** Operations became permanent together. */
interface StoreCommitted {
  readonly type: 'store-committed'
  readonly operations: number
  /** For all of them, with the write to the disk. */
  readonly elapsedMs: number
}

/** An operation, or a look for what others changed (`watch`), has failed. */
interface StoreFailed {
  readonly type: 'store-failed'
  readonly operation: string
  readonly failure: Failure
}

/** The database was read through when it was opened, and found sound: else it is not opened. */
interface StoreChecked {
  readonly type: 'store-checked'
  readonly elapsedMs: number
}

/** An operation is tried again after a failure that passes by itself. */
interface StoreRetried {
  readonly type: 'store-retried'
  /** A code of the database, such as `40001`, or `lost`: the connection ended before anything was asked. */
  readonly reason: string
}

/** The database is found not to do its work, or to do it again. */
interface StoreState {
  readonly type: 'store-state'
  readonly state: 'up' | 'down'
  /** Why it is down. */
  readonly failure?: Failure
}

export type StoreFact =
  | StoreAsked
  | StoreChecked
  | StoreCommitted
  | StoreFailed
  | StoreRetried
  | StoreState
