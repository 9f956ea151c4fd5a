// One connection to SQLite: runs operations at once, on the thread that asks.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { migrate } from '../migrate.ts'
import type { Migration } from '../migration.ts'
import type { Operation, Row, Statement, Steps } from '../operation.ts'

/** `strict`: what was committed survives a loss of power. `fast`: it survives the end of the process, not that of the machine. */
export type Durability = 'strict' | 'fast'

export interface ConnectionOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  readonly durability: Durability
  /** Milliseconds since 1970, when it is opened. */
  readonly now: number
  readonly migrations?: readonly Migration[]
}

/** How one of several operations went that were run together. */
export type Outcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly thrown: unknown }

export interface Asked {
  readonly operation: Operation<unknown, unknown>
  readonly args: unknown
}

export class SqliteConnection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  /** Opens the file, checks it, and brings its tables up to date. */
  constructor({ path, durability, now, migrations }: ConnectionOptions) {
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS })
    this.#database.exec('PRAGMA journal_mode = WAL')
    this.#database.exec(`PRAGMA synchronous = ${durability === 'strict' ? 'FULL' : 'NORMAL'}`)
    this.#assertSound()
    this.#within(() =>
      this.#follow(migrate({ now, ...(migrations === undefined ? {} : { migrations }) })),
    )
  }

  run<Args, Result>(operation: Operation<Args, Result>, args: Args): Result {
    return this.#within(() => this.#follow(operation.steps(args)))
  }

  /** Several with one commit: each has its effects or none, whatever becomes of the others. */
  runTogether(asked: readonly Asked[]): readonly Outcome[] {
    return this.#within(() => asked.map((one) => this.#apart(one)))
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }

  #assertSound(): void {
    const [row] = this.#database.prepare('PRAGMA quick_check(1)').all()
    if (row?.['quick_check'] !== 'ok') {
      throw Object.assign(new Error('quick_check found damage'), { errcode: SQLITE_CORRUPT })
    }
  }

  #within<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (thrown) {
      // SQLite has rolled back by itself after some failures.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw thrown
    }
  }

  #apart({ operation, args }: Asked): Outcome {
    this.#database.exec('SAVEPOINT one')
    try {
      const result = this.#follow(operation.steps(args))
      this.#database.exec('RELEASE one')
      return { ok: true, result }
    } catch (thrown) {
      // Without a transaction there is nothing left to save of the others either.
      if (!this.#database.isTransaction) throw thrown
      this.#database.exec('ROLLBACK TO one; RELEASE one')
      return { ok: false, thrown }
    }
  }

  #follow<Result>(steps: Steps<Result>): Result {
    let step = steps.next([])
    while (step.done !== true) step = steps.next(this.#ask(step.value))
    return step.value
  }

  #ask({ sql, values = [] }: Statement): readonly Row[] {
    return this.#prepare(sql)
      .all(...values)
      .map((row) => plainRow(row))
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    // `?1` is the first value, whatever stands first; SQLite takes `$1` for a name.
    const statement = this.#database.prepare(sql.replaceAll(/\$(\d+)/g, '?$1'))
    this.#prepared.set(sql, statement)
    return statement
  }
}

const BUSY_MS = 5000
const SQLITE_CORRUPT = 11

function plainRow(row: Record<string, unknown>): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (value === null || typeof value === 'string' || typeof value === 'number') {
        return [column, value]
      }
      throw new TypeError(`column ${column} holds neither text nor a whole number`)
    }),
  )
}
