// How tables come up to date in SQLite, and that no step is changed once it is there.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { migrationContract } from './migrations.contract.ts'
import { MIGRATIONS } from './migrations.ts'
import { ThreadedSqlite } from './sqlite/threaded-sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-migrations-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

migrationContract({
  name: 'SQLite',
  place: async () => {
    const path = join(folder, `${(files += 1)}.db`)
    return {
      open: async (migrations) =>
        ThreadedSqlite.open({
          path,
          code: new URL('sqlite/fixtures/thread.ts', import.meta.url),
          durability: 'fast',
          now: 1,
          ...(migrations === undefined ? {} : { migrations }),
        }),
    }
  },
  columns: `SELECT t.name AS "table", c.name AS name, c.type AS type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
    WHERE t.type = 'table' ORDER BY t.name, c.cid`,
})

/** A database somewhere has been through each of these as it stands: what is to be otherwise is a step of its own. */
const FROZEN: Readonly<Record<number, string>> = {
  1: 'd4a14c338784',
  2: '6f75fc6d2cf8',
  3: '59e788706cf6',
  4: '175f992e7fef',
  6: 'e6033a499c1f',
  7: '5d063dee91a5',
}

describe('the steps', () => {
  it('stand in the order of their numbers', () => {
    const numbers = MIGRATIONS.map(({ version }) => version)
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other))
  })

  it('are what they were', () => {
    const now = MIGRATIONS.map(({ version, name, statements }): [number, string] => {
      const text = JSON.stringify([name, statements])
      return [version, createHash('sha256').update(text).digest('hex').slice(0, 12)]
    })
    expect(Object.fromEntries(now)).toEqual(FROZEN)
  })
})
