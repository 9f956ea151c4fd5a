// SQLite on the thread that asks: for tests, and for what is gone with the process.
import type { Database, Operation } from '../operation.ts'
import { type StoreFailure, storeError } from '../store-failure.ts'
import { type ConnectionOptions, SqliteConnection } from './sqlite-connection.ts'
import { sqliteFailure } from './sqlite-failure.ts'

export class DirectSqlite implements Database {
  readonly isShared: boolean
  readonly #connection: SqliteConnection
  readonly #path: string
  #isOpen = true

  /** Throws GatewayError `store_…`. */
  constructor(options: ConnectionOptions) {
    this.#path = options.path
    this.isShared = options.path !== ':memory:'
    try {
      this.#connection = SqliteConnection.toChange(options)
    } catch (thrown) {
      throw this.#failed(sqliteFailure(thrown), thrown)
    }
  }

  async run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    try {
      return this.#connection.run(operation, args)
    } catch (thrown) {
      throw this.#failed(sqliteFailure(thrown), thrown)
    }
  }

  async close(): Promise<void> {
    if (this.#isOpen) this.#connection.close()
    this.#isOpen = false
  }

  #failed(failure: StoreFailure, cause: unknown): Error {
    return storeError(failure, this.#path, cause)
  }
}
