// Opens the database that a URL names, and loads only what that one needs.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { storeError } from './store-failure.ts'
import { ObservedDatabase, type Observing } from './observed-database.ts'
import type { Database } from './operation.ts'
import type { Durability } from './sqlite/sqlite-connection.ts'

export interface OpenOptions extends Partial<Observing> {
  /** `postgres://…`, `memory:` (gone with the process), or absent: the file. */
  readonly url?: string
  /** For SQLite, where no URL is given. */
  readonly file: string
  readonly durability: Durability
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Throws GatewayError `store_…`. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const { tell, clock = performance.now.bind(performance) } = options
  const database = await openPlain(options)
  return tell === undefined ? database : new ObservedDatabase(database, { tell, clock })
}

async function openPlain(options: OpenOptions): Promise<Database> {
  const { url, file, durability } = options
  const now = options.now()
  if (url === 'memory:') {
    const { DirectSqlite } = await import('./sqlite/direct-sqlite.ts')
    return new DirectSqlite({ path: ':memory:', durability, now })
  }
  if (url !== undefined) {
    const { PostgresDatabase } = await import('./postgres/postgres-database.ts')
    return PostgresDatabase.open({ url, now })
  }
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw storeError('read_only', file, cause)
  }
  const { ThreadedSqlite } = await import('./sqlite/threaded-sqlite.ts')
  return ThreadedSqlite.open({ path: file, durability, now })
}
