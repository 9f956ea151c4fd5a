// The suite of how tables come up to date, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { Documents } from './documents/documents.ts'
import type { Migration } from './migration.ts'
import { MIGRATIONS } from './migrations.ts'
import type { Database, Row, Statement } from './operation.ts'
import { textIn } from './row.ts'
import { ask } from './sqlite/fixtures/ask.ts'

interface Place {
  /** With these migrations; default: those of Patchbay. */
  readonly open: (migrations?: readonly Migration[]) => Promise<Database>
}

export interface MigrationSubject {
  readonly name: string
  /** Where nothing is yet. */
  readonly place: () => Promise<Place>
  /** Gives `table`, `name` and `type` of every column. */
  readonly columns: string
}

async function asked(
  database: Database,
  sql: string,
  values: NonNullable<Statement['values']> = [],
): Promise<readonly Row[]> {
  return database.run(ask, { sql, values })
}

const NEWEST = MIGRATIONS.at(-1)?.version ?? 0

const BROKEN: Migration = {
  version: NEWEST + 1,
  name: 'broken',
  statements: ['CREATE TABLE half (name TEXT)', 'SELECT no_such_column FROM half'],
}

async function versions(database: Database): Promise<unknown> {
  const rows = await asked(database, 'SELECT version FROM migrations ORDER BY version')
  return rows.map(({ version }) => version)
}

/** One row in every table, of whatever its columns take; gives how each is found. */
async function oneRowEach(database: Database, columns: string): Promise<readonly Statement[]> {
  const rows = await asked(database, columns)
  const tables = Map.groupBy(rows, (row) => textIn(row, 'table'))
  const found: Statement[] = []
  for (const [table, of] of tables) {
    if (table === 'migrations') continue
    const names = of.map((row) => textIn(row, 'name'))
    const values = of.map((row) => (/int/i.test(textIn(row, 'type')) ? 7 : 'sample'))
    const places = values.map((_, at) => `$${at + 1}`)
    const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`
    await asked(database, sql, values)
    const sample = `SELECT COUNT(*) AS n FROM ${table} WHERE ${names[0]} = $1`
    found.push({ sql: sample, values: values.slice(0, 1) })
  }
  return found
}

export function migrationContract({ name, place, columns }: MigrationSubject): void {
  describe(`the tables of ${name}`, () => {
    const databases: Database[] = []
    let here: Place

    beforeEach(async () => {
      here = await place()
    })
    afterEach(async () => {
      await Promise.all(databases.splice(0).map(async (database) => database.close()))
    })

    async function opened(migrations?: readonly Migration[]): Promise<Database> {
      const database = await here.open(migrations)
      databases.push(database)
      return database
    }

    it.each(MIGRATIONS.map(({ version }) => version))(
      'come from version %d to the newest with all that was in them',
      async (version) => {
        const before = await opened(MIGRATIONS.filter((one) => one.version <= version))
        const samples = await oneRowEach(before, columns)
        await before.close()
        const now = await opened()
        for (const { sql, values } of samples) {
          expect(await asked(now, sql, values)).toEqual([{ n: 1 }])
        }
        expect(await versions(now)).toEqual(MIGRATIONS.map((one) => one.version))
        const documents = new Documents(now, () => 1)
        expect(await documents.write([{ kind: 'key', id: 'k', body: {} }])).toEqual([1])
      },
    )

    it('are brought up to date once', async () => {
      const first = await opened()
      await first.close()
      expect(await versions(await opened())).toEqual(MIGRATIONS.map(({ version }) => version))
    })

    it('are brought up to date once by several that open them at the same time', async () => {
      const [one] = await Promise.all(Array.from({ length: 4 }, async () => opened()))
      expect(one === undefined ? undefined : await versions(one)).toHaveLength(MIGRATIONS.length)
    })

    it('of a newer Patchbay are left alone', async () => {
      const newer = { version: NEWEST + 1, name: 'newer', statements: [] }
      await (await opened([...MIGRATIONS, newer])).close()
      expect(await failureOf(opened())).toMatchObject({
        code: 'store_newer',
        message: expect.stringContaining('Run that version'),
      })
    })

    it('are as before where a step fails halfway', async () => {
      await (await opened()).close()
      expect(await failureOf(opened([...MIGRATIONS, BROKEN]))).toMatchObject({
        code: 'store_failed',
      })
      const after = await opened()
      expect(await versions(after)).toHaveLength(MIGRATIONS.length)
      await asked(after, 'CREATE TABLE half (name TEXT)')
    })
  })
}
