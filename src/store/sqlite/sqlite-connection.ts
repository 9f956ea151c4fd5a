// One connection to SQLite: runs operations at once, on the thread that asks.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { compact } from '../../canonical/compact.ts'
import { bound } from '../bound.ts'
import { migrate } from '../migrate.ts'
import type { Migration } from '../migration.ts'
import type { Operation, Row, Statement, Steps, Value } from '../operation.ts'
import { prepareFile } from './files.ts'

/** `strict`: what was committed survives a loss of power. `fast`: it survives the end of the process, not that of the machine. */
export type Durability = 'strict' | 'fast'

/** Whether the file is read through before it is used. */
export type Check = 'quick' | 'none'

export interface ConnectionOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  readonly durability: Durability
  /** Milliseconds since 1970, when it is opened. */
  readonly now: number
  /** Default `quick`. */
  readonly check?: Check
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

type Begin = 'BEGIN' | 'BEGIN IMMEDIATE'

export class SqliteConnection {
  readonly #database: DatabaseSync
  readonly #begin: Begin
  readonly #prepared = new Map<string, StatementSync>()

  private constructor(path: string, begin: Begin) {
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS })
    this.#begin = begin
  }

  /** Opens the file, checks it, and brings its tables up to date. */
  static toChange({
    path,
    durability,
    now,
    check,
    migrations,
  }: ConnectionOptions): SqliteConnection {
    prepareFile(path)
    const connection = new SqliteConnection(path, 'BEGIN IMMEDIATE')
    return connection.#or(() => {
      const synchronous = durability === 'strict' ? 'FULL' : 'NORMAL'
      connection.#set('journal_mode = WAL', `synchronous = ${synchronous}`, LIMIT)
      if (check !== 'none') connection.#assertSound()
      connection.#within(() => connection.#follow(migrate({ now, ...compact({ migrations }) })))
    })
  }

  /** Opens a file whose tables are up to date; nothing can be changed in it. */
  static toRead(path: string): SqliteConnection {
    const connection = new SqliteConnection(path, 'BEGIN')
    return connection.#or(() => connection.#set('query_only = ON'))
  }

  run<Args, Result>(operation: Operation<Args, Result>, args: Args): Result {
    return this.#within(() => this.#follow(operation.steps(args)))
  }

  /**
   * Several with one commit: each has its effects or none, whatever becomes of the others. Nobody waits for one to ask another, so those
   * that can be done together are.
   */
  runTogether(asked: readonly Asked[]): readonly Outcome[] {
    return this.#within(() => {
      const outcomes = new Map<Asked, Outcome>()
      for (const group of groupsOf(asked)) this.#joint(group, outcomes)
      return asked.map((one) => outcomes.get(one) ?? this.#apart(one))
    })
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }

  /** Does not stay open where it cannot be used. */
  #or(setUp: () => void): this {
    try {
      setUp()
      return this
    } catch (thrown) {
      this.close()
      throw thrown
    }
  }

  #set(...pragmas: readonly string[]): void {
    for (const pragma of pragmas) this.#database.exec(`PRAGMA ${pragma}`)
  }

  #assertSound(): void {
    const [row] = this.#database.prepare('PRAGMA quick_check(1)').all()
    if (row?.['quick_check'] !== 'ok') {
      throw Object.assign(new Error('quick_check found damage'), { errcode: SQLITE_CORRUPT })
    }
  }

  #within<T>(work: () => T): T {
    this.#database.exec(this.#begin)
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

  /** Says nothing of those that cannot be done together: which of them it is that cannot, shows when each is done apart. */
  #joint({ operation, asked }: Group, outcomes: Map<Asked, Outcome>): void {
    const outcome = this.#saved(() => operation.together?.(asked.map(({ args }) => args)))
    if (!outcome.ok || !Array.isArray(outcome.result)) return
    for (const [at, one] of asked.entries()) {
      outcomes.set(one, { ok: true, result: outcome.result[at] })
    }
  }

  #apart({ operation, args }: Asked): Outcome {
    return this.#saved(() => operation.steps(args))
  }

  #saved(begin: () => Steps<unknown> | undefined): Outcome {
    this.#prepare('SAVEPOINT one').run()
    try {
      const steps = begin()
      const result = steps === undefined ? undefined : this.#follow(steps)
      this.#prepare('RELEASE one').run()
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

  #ask(statement: Statement): readonly Row[] {
    return this.#prepare(statement.sql)
      .all(...bound(statement))
      .map(plainRow)
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    // `?1` is the first value, whatever stands first; SQLite takes `$1` for a name.
    const statement = this.#database.prepare(sql.replaceAll(/\$(\d+)/g, '?$1'))
    if (this.#prepared.size >= MOST_PREPARED) this.#prepared.clear()
    this.#prepared.set(sql, statement)
    return statement
  }
}

/** Another process that writes is waited for: nothing else can be done meanwhile, and no call is held up but by what it asked. */
const BUSY_MS = 15_000
/** What a burst has written stays no longer than until it is in the file. */
const LIMIT = `journal_size_limit = ${64 * 1024 * 1024}`
const SQLITE_CORRUPT = 11
/** Operations have far fewer, unless one writes its values into its SQL. */
const MOST_PREPARED = 1000

function plainRow(row: Record<string, unknown>): Row {
  const plain: Record<string, Value> = {}
  for (const column in row) plain[column] = plainValue(row[column], column)
  return plain
}

function plainValue(value: unknown, column: string): Value {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new TypeError(`column ${column} holds neither text nor a whole number within 2^53`)
}

/** Those of one operation that can be done together, where there are several. */
interface Group {
  readonly operation: Operation<unknown, unknown>
  readonly asked: readonly Asked[]
}

function groupsOf(asked: readonly Asked[]): readonly Group[] {
  const byOperation = Map.groupBy(asked, ({ operation }) => operation)
  return [...byOperation]
    .filter(([operation, { length }]) => operation.together !== undefined && length > 1)
    .map(([operation, group]) => ({ operation, asked: group }))
}
