// Opens the database that a URL names, and loads only what that one needs.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { compact } from '../canonical/compact.ts'
import { storeError } from './store-failure.ts'
import { ObservedDatabase, type Observing } from './observed-database.ts'
import type { Database } from './operation.ts'
import type { PostgresOptions } from './postgres/postgres-database.ts'
import type { Check, Durability } from './sqlite/sqlite-connection.ts'

export interface OpenOptions
  extends Partial<Observing>, Pick<PostgresOptions, 'connections' | 'timeoutMs' | 'waitMs'> {
  /** `postgres://…`, `memory:` (gone with the process), or absent: the file. */
  readonly url?: string
  /** For SQLite, where no URL is given. */
  readonly file: string
  readonly durability: Durability
  /** Of the file, when it is opened. Default `quick`. */
  readonly check?: Check
  /** Of SQLite's file: how long changes wait for others that share their commit, where there are others. Default 1. */
  readonly gatherMs?: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const MAX_WAITING = 10_000

/** Throws GatewayError `store_…`. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const { tell = () => undefined, clock = () => performance.now() } = options
  const { maxWaiting = MAX_WAITING } = options
  return new ObservedDatabase(await openPlain(options), { tell, clock, maxWaiting })
}

async function openPlain(options: OpenOptions): Promise<Database> {
  const { url, file, durability, check, gatherMs, tell, now: clock, ...more } = options
  const now = clock()
  if (url === 'memory:') {
    const { DirectSqlite } = await import('./sqlite/direct-sqlite.ts')
    return new DirectSqlite({ path: ':memory:', durability, now })
  }
  if (url !== undefined) {
    const { PostgresDatabase } = await import('./postgres/postgres-database.ts')
    return PostgresDatabase.open({ ...more, url, now, ...compact({ tell }) })
  }
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw storeError('read_only', file, cause)
  }
  const { ThreadedSqlite } = await import('./sqlite/threaded-sqlite.ts')
  return ThreadedSqlite.open({ path: file, durability, now, ...compact({ check, gatherMs, tell }) })
}
