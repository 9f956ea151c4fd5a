// Faults of the PostgreSQL that gateways share: it is not there at the start, is held up, is full of others, or loses us.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { StoreFact } from '../../src/exchange/facts/store.ts'
import { Documents } from '../../src/store/documents/documents.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import type { Database, Operation, Row, Statement } from '../../src/store/operation.ts'
import { Secret } from '../../src/vault/secret.ts'
import { failureOf } from '../context.ts'
import { openUpstream } from '../fake-upstream.ts'
import { localHost, openGateway } from '../open-gateway.ts'
import { completion } from '../openai-replies.ts'
import { freePort } from '../real/free-port.ts'
import { postgresServer } from '../real/postgres-server.ts'
import { run } from '../run-patchbay.ts'

const { value: server, reason } = await postgresServer()
const open: (Database | pg.Client)[] = []

interface Opened {
  readonly database: Database
  readonly documents: Documents
  readonly facts: readonly StoreFact[]
}

interface Opening {
  readonly timeoutMs?: number
  /** Where to tell; default: a list of its own. */
  readonly facts?: StoreFact[]
}

async function opened(
  url: string,
  { timeoutMs = 5000, facts = [] }: Opening = {},
): Promise<Opened> {
  const tell = (fact: StoreFact): number => facts.push(fact)
  const database = await openDatabase({
    url,
    file: '',
    durability: 'strict',
    timeoutMs,
    tell,
    now: () => 1,
  })
  open.push(database)
  return { database, documents: new Documents(database, () => 1), facts }
}

async function other(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  open.push(client)
  return client
}

const asked: Operation<readonly string[], readonly Row[]> = {
  name: 'test/asked',
  *steps(statements) {
    let rows: readonly Row[] = []
    for (const sql of statements) {
      const statement: Statement = { sql }
      rows = yield statement
    }
    return rows
  },
}

function retries(facts: readonly StoreFact[]): readonly string[] {
  return facts.flatMap((fact) => (fact.type === 'store-retried' ? [fact.reason] : []))
}

describe.skipIf(server === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterEach(async () => {
      await Promise.all(
        open.splice(0).map(async (one) => (one instanceof pg.Client ? one.end() : one.close())),
      )
    })
    afterAll(async () => server?.close())

    it('F111 that is not there at the start is waited for, and then the start ends with 78 and why', async () => {
      const cwd = mkdtempSync(join(tmpdir(), 'patchbay-absent-'))
      const url = `postgres://ann:canary-word@127.0.0.1:${await freePort()}/bay`
      const config = `store: { url: "${url}", wait_ms: 400 }`
      writeFileSync(join(cwd, 'patchbay.yaml'), config)
      const startedAt = performance.now()
      const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch', '--log', 'off']
      const outcome = await run(argv, { cwd, env: { PATCHBAY_HOME: join(cwd, 'data') } })
      expect(performance.now() - startedAt).toBeGreaterThan(400)
      expect(outcome.code).toBe(78)
      expect(outcome.stderr).toMatch(/cannot be reached.*store\.url/s)
      expect(outcome.stdout + outcome.stderr).not.toContain('canary-word')
      rmSync(cwd, { recursive: true })
    })

    it('F111 that comes while it is waited for is used, with all of its tables or none', async () => {
      const url = (await server?.database()) ?? ''
      await server?.kill()
      const waiting = opened(url)
      await server?.start()
      const { documents } = await waiting
      expect(await documents.write([{ kind: 'key', id: 'k', body: {} }])).toEqual([1])
    })

    it('F113 whose rows somebody holds does not hold up calls that need none of them', async () => {
      const url = (await server?.database()) ?? ''
      const upstream = await openUpstream()
      upstream.answer(() => completion('hello'))
      const gateway = await openGateway({
        providers: [localHost('house', upstream)],
        config: { store: { url: new Secret(url), timeoutMs: 300 } },
      })
      const holder = await other(url)
      await holder.query('BEGIN; LOCK TABLE documents, counters IN ACCESS EXCLUSIVE MODE')
      const call = async (): Promise<number> => {
        const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', connection: 'close' },
          body: '{"model":"house/m","messages":[{"role":"user","content":"hi"}]}',
        })
        await answer.text()
        return answer.status
      }
      expect(await Promise.all(Array.from({ length: 50 }, call))).toEqual(
        Array.from({ length: 50 }, () => 200),
      )
      await holder.query('ROLLBACK')
      await gateway.close()
      await upstream.close()
    })

    it('F113 tells whoever waits for a row that is held so after a while, and lets others pass', async () => {
      const url = (await server?.database()) ?? ''
      const { documents, facts } = await opened(url, { timeoutMs: 300 })
      await documents.write([{ kind: 'key', id: 'k', body: { at: 1 } }])
      const holder = await other(url)
      await holder.query("BEGIN; UPDATE counters SET value = value WHERE name = 'changes'")
      const held = failureOf(documents.write([{ kind: 'key', id: 'k', body: { at: 2 } }]))
      expect(await documents.find({ kind: 'key', id: 'k' })).toMatchObject({ body: { at: 1 } })
      expect(await held).toMatchObject({ kind: 'overloaded', code: 'store_busy' })
      expect(facts).toContainEqual({
        type: 'store-failed',
        operation: 'documents/write',
        failure: 'busy',
      })
      await holder.query('COMMIT')
      expect(await documents.write([{ kind: 'key', id: 'k', body: { at: 2 } }])).toEqual([2])
    })

    it('F114 that has no place free is asked again until it has', async () => {
      const url = new URL((await server?.database()) ?? '')
      const owner = await other(url.href)
      await owner.query(
        "CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 1; GRANT ALL ON SCHEMA public TO narrow",
      )
      ;[url.username, url.password] = ['narrow', 'narrow']
      const first = await other(url.href)
      const facts: StoreFact[] = []
      const waiting = opened(url.href, { facts })
      await expect.poll(() => retries(facts)).toContain('53300')
      await first.end()
      const { database } = await waiting
      expect(await database.run(asked, ['SELECT 1 AS n'])).toEqual([{ n: 1 }])
      expect(new Set(retries(facts))).toEqual(new Set(['53300']))
    })

    it('F114 that finds two changes in each other’s way repeats one of them', async () => {
      const url = (await server?.database()) ?? ''
      const { database, facts } = await opened(url)
      await database.run(asked, [
        'CREATE TABLE crossed (n BIGINT)',
        'CREATE SEQUENCE tries',
        `CREATE FUNCTION cross_twice() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
          IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'crossed' USING ERRCODE = '40001'; END IF; RETURN NEW; END $f$`,
        'CREATE TRIGGER crossing BEFORE INSERT ON crossed FOR EACH ROW EXECUTE FUNCTION cross_twice()',
      ])
      await database.run(asked, ['INSERT INTO crossed VALUES (1)'])
      expect(await database.run(asked, ['SELECT COUNT(*) AS n FROM crossed'])).toEqual([{ n: 1 }])
      expect(retries(facts)).toEqual(['40001', '40001'])
    })

    it('F114 that ends our connections is asked again over another, and does nothing twice', async () => {
      const url = (await server?.database()) ?? ''
      const { database, facts } = await opened(url)
      await database.run(asked, ['CREATE SEQUENCE tries'])
      const change = database.run(asked, [
        "UPDATE counters SET value = value + 1 WHERE name = 'changes'",
        "SELECT pg_sleep(CASE WHEN nextval('tries') = 1 THEN 20 ELSE 0 END)",
      ])
      const ender = await other(url)
      await expect
        .poll(async () => {
          const { rowCount } = await ender.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE application_name = 'patchbay' AND datname = current_database() AND query LIKE 'SELECT pg_sleep%'`,
          )
          return rowCount
        })
        .toBe(1)
      await change
      expect(
        await database.run(asked, ["SELECT value FROM counters WHERE name = 'changes'"]),
      ).toEqual([{ value: 1 }])
      expect(retries(facts)).toEqual(['57P01'])
    })
  },
)
