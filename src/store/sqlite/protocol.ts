// What passes between the threads that ask and those that have the database.
import type { Migration } from '../migration.ts'
import type { StoreFailure } from '../store-failure.ts'
import type { Check, Durability } from './sqlite-connection.ts'

/** What a thread is started with. */
export interface Start {
  readonly path: string
  readonly durability: Durability
  readonly now: number
  readonly check?: Check
  /** Default: all there are. */
  readonly migrations?: readonly Migration[]
  /** One changes, the others read what it has made permanent. */
  readonly task: 'changes' | 'reads'
}

export interface Request {
  readonly id: number
  /** Of an operation. */
  readonly name: string
  readonly args: unknown
}

export type ToThread =
  | { readonly type: 'run'; readonly requests: readonly Request[] }
  | { readonly type: 'close' }

export type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | {
      readonly id: number
      readonly ok: false
      readonly failure: StoreFailure
      readonly message: string
    }

export type FromThread =
  | { readonly type: 'opened'; readonly elapsedMs: number }
  | { readonly type: 'refused'; readonly failure: StoreFailure; readonly message: string }
  | {
      readonly type: 'answers'
      readonly answers: readonly Answer[]
      /** Milliseconds that it took to make them permanent, together. */
      readonly committedMs?: number
    }
