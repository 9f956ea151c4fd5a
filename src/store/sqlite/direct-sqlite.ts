// SQLite on the thread that asks: for tests, and for what is gone with the process. What is asked at once shares a commit here too.
import type { Database, Operation } from '../operation.ts'
import { type StoreFailure, storeError } from '../store-failure.ts'
import { type Asked, type ConnectionOptions, SqliteConnection } from './sqlite-connection.ts'
import { sqliteFailure } from './sqlite-failure.ts'

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

export class DirectSqlite implements Database {
  readonly isShared: boolean
  readonly #connection: SqliteConnection
  readonly #path: string
  #asked: (Asked & Waiting)[] = []
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

  run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#asked.length === 0) queueMicrotask(() => this.#flush())
      this.#asked.push({ ...erased(operation), args, resolve, reject })
    })
  }

  async close(): Promise<void> {
    this.#flush()
    if (this.#isOpen) this.#connection.close()
    this.#isOpen = false
  }

  #flush(): void {
    const asked = this.#asked
    this.#asked = []
    if (asked.length === 0) return
    try {
      const outcomes = this.#connection.runTogether(asked)
      for (const [at, outcome] of outcomes.entries()) {
        if (outcome.ok) asked[at]?.resolve(outcome.result)
        else asked[at]?.reject(this.#failed(sqliteFailure(outcome.thrown), outcome.thrown))
      }
    } catch (thrown) {
      for (const one of asked) one.reject(this.#failed(sqliteFailure(thrown), thrown))
    }
  }

  #failed(failure: StoreFailure, cause: unknown): Error {
    return storeError(failure, this.#path, cause)
  }
}

/** What it gives goes to who asked for it. */
function erased(operation: Operation<never, unknown>): Pick<Asked, 'operation'> {
  return { operation }
}
