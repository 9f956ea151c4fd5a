// SQLite on threads of its own, so that no write to the disk and no long look holds up a call: one changes, others read.
import type { StoreFact } from '../../exchange/facts/store.ts'
import type { Database, Operation } from '../operation.ts'
import type { Start } from './protocol.ts'
import { SqliteThread } from './sqlite-thread.ts'

export interface ThreadedOptions extends Omit<Start, 'task'> {
  readonly tell?: (fact: StoreFact) => void
  /** Threads that read, begun when those there are have something to do. Default 2: a long report does not hold up short questions. */
  readonly readers?: number
  /** What the threads run. Default: all operations of Patchbay. */
  readonly code?: URL
}

// As source when Patchbay runs from its source, compiled when it is installed.
const CODE = import.meta.url.endsWith('.ts')
  ? new URL('./thread.ts', import.meta.url)
  : new URL('./thread.js', import.meta.url)

export class ThreadedSqlite implements Database {
  readonly isShared = true
  readonly #writer: SqliteThread
  readonly #readers: readonly SqliteThread[]

  private constructor({ tell, readers = 2, code = CODE, ...start }: ThreadedOptions) {
    this.#writer = new SqliteThread({
      code,
      start: { ...start, task: 'changes' },
      opened: (elapsedMs) => tell?.({ type: 'store-checked', elapsedMs }),
      committed: (operations, elapsedMs) =>
        tell?.({ type: 'store-committed', operations, elapsedMs }),
    })
    this.#readers = Array.from(
      { length: readers },
      () => new SqliteThread({ code, start: { ...start, task: 'reads' } }),
    )
  }

  /** Resolves once the file is open and its tables are up to date. Throws GatewayError `store_…`. */
  static async open(options: ThreadedOptions): Promise<ThreadedSqlite> {
    const database = new ThreadedSqlite(options)
    await database.#writer.open()
    return database
  }

  run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    const thread = operation.reads === true ? this.#idlest() : this.#writer
    return thread.run(operation.name, args)
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map(async (reader) => reader.close()))
    await this.#writer.close()
  }

  /** The first that has nothing to do, else the one that has least. */
  #idlest(): SqliteThread {
    return this.#readers.reduce(
      (best, reader) => (reader.load < best.load ? reader : best),
      this.#readers[0] ?? this.#writer,
    )
  }
}
