// The driver of PostgreSQL on a real server: how much it asks, and what becomes of it when the server dies, hangs, comes back or refuses.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { StoreFact } from '../../src/exchange/facts/store.ts'
import type { Operation, Row, Statement } from '../../src/store/operation.ts'
import {
  PostgresDatabase,
  type PostgresOptions,
} from '../../src/store/postgres/postgres-database.ts'
import { failureOf } from '../context.ts'
import { selfSigned } from '../faults/certificate.ts'
import { talkProxy } from './talk-proxy.ts'
import { postgresServer } from './postgres-server.ts'

const { value: server, reason } = await postgresServer()

const folder = mkdtempSync(join(tmpdir(), 'patchbay-certificate-'))
const open: PostgresDatabase[] = []

/** Asks statement after statement, and gives the rows of the last. */
function asking(
  ...statements: readonly (string | Statement)[]
): Operation<undefined, readonly Row[]> {
  return {
    name: 'test/asking',
    *steps() {
      let rows: readonly Row[] = []
      for (const one of statements) rows = yield typeof one === 'string' ? { sql: one } : one
      return rows
    },
  }
}

async function opened(
  url: string,
  options: Partial<PostgresOptions> = {},
): Promise<PostgresDatabase> {
  const database = await PostgresDatabase.open({ url, now: 1, ...options })
  open.push(database)
  return database
}

async function fresh(options: Partial<PostgresOptions> = {}): Promise<PostgresDatabase> {
  return opened((await server?.database()) ?? '', options)
}

describe.skipIf(server === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterEach(async () => {
      await Promise.all(open.splice(0).map(async (database) => database.close()))
    })
    afterAll(async () => {
      await server?.close()
      rmSync(folder, { recursive: true })
    })

    it('is asked once for a read of one statement, and twice for a change of one', async () => {
      const url = new URL((await server?.database()) ?? '')
      const proxy = await talkProxy(Number(url.port))
      url.port = String(proxy.port)
      const database = await opened(url.href, { connections: 1 })
      const read = { ...asking('SELECT value FROM counters'), reads: true } as const
      const change = asking('UPDATE counters SET value = value + 1')
      const turns = async (operation: Operation<undefined, unknown>): Promise<number> => {
        const before = proxy.turns
        await database.run(operation, undefined)
        return proxy.turns - before
      }
      await turns(read)
      // The COMMIT of a read is not waited for.
      expect(await turns(change)).toBeLessThanOrEqual(3)
      expect(await turns(change)).toBe(2)
      await database.close()
      await proxy.close()
    })

    it('plans a statement once for a connection', async () => {
      const database = await fresh({ connections: 1 })
      const sql = 'SELECT CAST($1 AS bigint) AS n'
      for (const value of [1, 2, 3]) await database.run(asking({ sql, values: [value] }), undefined)
      const planned = asking({
        sql: 'SELECT COUNT(*) AS n FROM pg_prepared_statements WHERE statement = $1',
        values: [sql],
      })
      expect(await database.run(planned, undefined)).toEqual([{ n: 1 }])
    })

    it('undoes all that an operation did where one of its statements is refused', async () => {
      const database = await fresh({ connections: 1 })
      const half = asking("INSERT INTO counters VALUES ('half', 1)", 'SELECT 1 / 0')
      expect(await failureOf(database.run(half, undefined))).toMatchObject({
        code: 'store_failed',
        message: expect.stringContaining('(22012)'),
      })
      expect(
        await failureOf(database.run(asking('SELECT no_such_column FROM counters'), undefined)),
      ).toMatchObject({ code: 'store_failed' })
      const found = asking("SELECT name FROM counters WHERE name = 'half'")
      expect(await database.run(found, undefined)).toEqual([])
    })

    it('runs a first statement that was refused before once it is possible', async () => {
      const database = await fresh({ connections: 1 })
      const insert = asking("INSERT INTO later VALUES ('x')")
      await failureOf(database.run(insert, undefined))
      await database.run(asking('CREATE TABLE later (name TEXT)'), undefined)
      await database.run(insert, undefined)
      expect(await database.run(asking('SELECT name FROM later'), undefined)).toEqual([
        { name: 'x' },
      ])
    })

    it('never gives a number that is not the one that is meant', async () => {
      const database = await fresh()
      const sum = (text: string): Promise<unknown> =>
        failureOf(database.run(asking(`SELECT (SELECT ${text}) AS n`), undefined))
      expect(await sum(`SUM(x) FROM (VALUES (9007199254740991), (0)) AS t (x)`)).toEqual({
        resolved: [{ n: 9_007_199_254_740_991 }],
      })
      for (const text of [
        'SUM(x) FROM (VALUES (9007199254740991), (1)) AS t (x)',
        'AVG(x) FROM (VALUES (1), (2)) AS t (x)',
        'TRUE',
        '1.5::float8',
      ]) {
        expect(await sum(text)).toMatchObject({ code: 'store_failed' })
      }
      const notWhole = asking({ sql: 'SELECT $1 AS n', values: [1.5] })
      expect(await failureOf(database.run(notWhole, undefined))).toMatchObject({
        code: 'store_failed',
      })
    })

    it('refuses to change anything in an operation that says it only reads', async () => {
      const database = await fresh()
      const change = { ...asking('UPDATE counters SET value = 7'), reads: true } as const
      expect(await failureOf(database.run(change, undefined))).toMatchObject({
        code: 'store_read_only',
      })
      const value = asking('SELECT value FROM counters')
      expect(await database.run(value, undefined)).toEqual([{ value: 0 }])
    })

    it('shows one state to all statements of a read', async () => {
      const database = await fresh()
      const { promise: changed, resolve: go } = Promise.withResolvers<undefined>()
      // It waits for a lock that is given only after the change.
      const lock = asking('SELECT pg_advisory_xact_lock(7)', 'SELECT pg_sleep(0.2)')
      const read: Operation<undefined, unknown> = {
        name: 'test/twice',
        reads: true,
        *steps() {
          const [before] = yield { sql: 'SELECT value FROM counters' }
          go(undefined)
          yield { sql: 'SELECT pg_advisory_xact_lock(7)' }
          const [after] = yield { sql: 'SELECT value FROM counters' }
          return [before, after]
        },
      }
      const held = database.run(lock, undefined)
      const twice = database.run(read, undefined)
      await changed
      await database.run(asking('UPDATE counters SET value = 5'), undefined)
      await held
      expect(await twice).toEqual([{ value: 0 }, { value: 0 }])
    })

    it('ends a statement that waits for too long, and what it did', async () => {
      const database = await fresh({ timeoutMs: 200 })
      const slow = asking("INSERT INTO counters VALUES ('slow', 1)", 'SELECT pg_sleep(30)')
      expect(await failureOf(database.run(slow, undefined))).toMatchObject({ code: 'store_busy' })
      const found = asking("SELECT name FROM counters WHERE name = 'slow'")
      expect(await database.run(found, undefined)).toEqual([])
    })

    it('gives a connection up that hangs, and goes on once the server does', async () => {
      const database = await fresh({ timeoutMs: 300 })
      await database.run(asking('SELECT 1 AS n'), undefined)
      server?.freeze()
      const change = asking("INSERT INTO counters VALUES ('frozen', 1)", 'SELECT 1 AS n')
      const startedAt = performance.now()
      const failures = await Promise.all(
        Array.from({ length: 20 }, async () => failureOf(database.run(change, undefined))),
      )
      const elapsedMs = performance.now() - startedAt
      server?.thaw()
      expect(elapsedMs).toBeLessThan(4000)
      for (const failure of failures) expect(failure).toMatchObject({ code: 'store_unavailable' })
      const found = asking("SELECT name FROM counters WHERE name = 'frozen'")
      await expect
        .poll(async () => failureOf(database.run(found, undefined)))
        .toEqual({ resolved: [] })
    })

    it('does not notice a restart of its server', async () => {
      const facts: StoreFact[] = []
      const database = await fresh({ tell: (fact) => facts.push(fact) })
      await database.run(asking("INSERT INTO counters VALUES ('before', 1)"), undefined)
      await server?.kill()
      const later = database.run(
        asking("UPDATE counters SET value = 2 WHERE name = 'before' RETURNING value"),
        undefined,
      )
      await server?.start()
      expect(await later).toEqual([{ value: 2 }])
      expect(facts).toContainEqual({ type: 'store-retried', reason: expect.any(String) })
    })

    it('says within its patience that the server is gone, and not its password', async () => {
      const database = await fresh()
      await server?.kill()
      const failure = await failureOf(database.run(asking('SELECT 1 AS n'), undefined))
      expect(failure).toMatchObject({ kind: 'overloaded', code: 'store_unavailable' })
      expect(inspect(failure, { depth: 10 })).not.toContain(server?.password)
      await server?.start()
      expect(await database.run(asking('SELECT 1 AS n'), undefined)).toEqual([{ n: 1 }])
    })

    it('says that it does not know where it is lost while it makes something permanent', async () => {
      const database = await fresh({ timeoutMs: 10_000 })
      const steps = [
        'CREATE TABLE slow_end (name TEXT)',
        `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM pg_advisory_lock(9); PERFORM pg_sleep(30); RETURN NULL; END $f$`,
        `CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slow_end DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()`,
      ]
      await database.run(asking(...steps), undefined)
      const lost = failureOf(database.run(asking("INSERT INTO slow_end VALUES ('x')"), undefined))
      const sleeping = asking(
        "SELECT COUNT(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND objid = 9",
      )
      await expect.poll(async () => database.run(sleeping, undefined)).toEqual([{ n: 1 }])
      await server?.kill()
      expect(await lost).toMatchObject({ code: 'store_uncertain' })
      await server?.start()
    })

    it('says why it is not let in, at once', async () => {
      const url = new URL((await server?.database()) ?? '')
      const nowhere = url.href.replace(/test_\d+/, 'no_such_database')
      expect(await failureOf(opened(nowhere))).toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('(3D000)'),
      })
      url.password = 'canary-of-the-store'
      const failure = await failureOf(opened(url.href))
      expect(failure).toMatchObject({ message: expect.stringContaining('(28P01)') })
      expect(inspect(failure, { depth: 10 })).not.toContain('canary')
    })

    it('checks the certificate as the URL says', async () => {
      const now = Date.now()
      const day = 86_400_000
      const { key, cert } = selfSigned({ from: new Date(now - day), to: new Date(now + day) })
      const root = join(folder, 'root.pem')
      writeFileSync(root, cert)
      const url = (await server?.database()) ?? ''
      const plain = await failureOf(opened(`${url}?sslmode=verify-full`, { waitMs: 0 }))
      expect(plain).toMatchObject({ message: expect.stringMatching(/not support SSL/) })
      await server?.encrypt({ key, cert })
      const unknown = await failureOf(opened(`${url}?sslmode=verify-full`, { waitMs: 0 }))
      expect(unknown).toMatchObject({ message: expect.stringMatching(/self-signed/) })
      const isEncrypted = asking(
        'SELECT CAST(ssl AS int) AS n FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      )
      for (const more of [`sslmode=verify-full&sslrootcert=${root}`, 'sslmode=require']) {
        const database = await opened(`${url}?${more}`)
        expect(await database.run(isEncrypted, undefined)).toEqual([{ n: 1 }])
      }
    })

    it('serves many more operations than it has connections', async () => {
      const database = await fresh({ connections: 3 })
      const change = asking('UPDATE counters SET value = value + 1')
      await Promise.all(Array.from({ length: 200 }, async () => database.run(change, undefined)))
      const value = asking('SELECT value FROM counters')
      expect(await database.run(value, undefined)).toEqual([{ value: 200 }])
    })
  },
)
