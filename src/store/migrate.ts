// Brings the tables of a database up to date: steps that only ever go forward, in order, each once.
import type { Migration } from './migration.ts'
import { MIGRATIONS } from './migrations.ts'
import type { Statement, Steps } from './operation.ts'
import { numberIn } from './row.ts'

const TABLE =
  'CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)'

export interface Migrating {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Default: all there are. */
  readonly migrations?: readonly Migration[]
}

/** Brings the tables up to date, in one transaction. Gives the versions that were missing. Throws where they are of a newer Patchbay. */
export function* migrate({ now, migrations = MIGRATIONS }: Migrating): Steps<readonly number[]> {
  yield { sql: TABLE }
  const rows = yield { sql: 'SELECT version FROM migrations' }
  const had = new Set(rows.map((row) => numberIn(row, 'version')))
  const newest = migrations.at(-1)?.version ?? 0
  const found = Math.max(0, ...had)
  if (found > newest) throw new NewerTables(found, newest)
  const missing = migrations.filter(({ version }) => !had.has(version))
  for (const { version, name, statements } of missing) {
    for (const sql of statements) yield { sql }
    yield recorded(version, name, now)
  }
  return missing.map(({ version }) => version)
}

/** The database has been used by a Patchbay that knows more than this one. */
export class NewerTables extends Error {
  constructor(found: number, known: number) {
    super(`the tables are of version ${found}, and this Patchbay knows those up to ${known}`)
  }
}

function recorded(version: number, name: string, now: number): Statement {
  return {
    sql: 'INSERT INTO migrations (version, name, applied_at) VALUES ($1, $2, $3)',
    values: [version, name, now],
  }
}
