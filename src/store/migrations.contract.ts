// The suite of how tables come up to date, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { Documents } from './documents/documents.ts'
import type { Migration } from './migration.ts'
import { MIGRATIONS } from './migrations.ts'
import type { Database, Row, Statement } from './operation.ts'
import { textIn } from './row.ts'
import { ask } from './sqlite/fixtures/ask.ts'

export interface Place {
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

const BROKEN: Migration = {
  version: MIGRATIONS.length + 1,
  name: 'broken',
  statements: ['CREATE TABLE half (name TEXT)', 'SELECT no_such_column FROM half'],
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

    async function versions(database: Database): Promise<unknown> {
      const rows = await asked(database, 'SELECT version FROM migrations ORDER BY version')
      return rows.map(({ version }) => version)
    }

    /** One row in every table, of whatever its columns take; gives the tables. */
    async function oneRowEach(database: Database): Promise<readonly string[]> {
      const rows = await asked(database, columns)
      const tables = Map.groupBy(rows, (row) => textIn(row, 'table'))
      for (const [table, of] of tables) {
        const names = of.map((row) => textIn(row, 'name'))
        const values = of.map((row) => (/int/i.test(textIn(row, 'type')) ? 7 : 'sample'))
        const places = values.map((_, at) => `$${at + 1}`)
        const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`
        await asked(database, sql, values)
      }
      return [...tables.keys()]
    }

    it.each(MIGRATIONS.map(({ version }) => version))(
      'come from version %d to the newest with all that was in them',
      async (version) => {
        const before = await opened(MIGRATIONS.filter((one) => one.version <= version))
        const tables = (await oneRowEach(before)).filter((table) => table !== 'migrations')
        await asked(before, 'DELETE FROM migrations WHERE version > $1', [version])
        const counts = async (database: Database): Promise<unknown> =>
          Promise.all(
            tables.map(async (table) => asked(database, `SELECT COUNT(*) AS n FROM ${table}`)),
          )
        const had = await counts(before)
        await before.close()
        const now = await opened()
        expect(await counts(now)).toEqual(had)
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
      const newer = { version: MIGRATIONS.length + 1, name: 'newer', statements: [] }
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
