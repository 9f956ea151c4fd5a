// PostgreSQL, which several gateways may share. Source: node-postgres.com.
import pg from 'pg'
import { migrate } from '../migrate.ts'
import type { Database, Operation, Row, Statement, Steps, Value } from '../operation.ts'
import { storeError } from '../store-failure.ts'
import { isCollision, postgresFailure } from './postgres-failure.ts'

export interface PostgresOptions {
  readonly url: string
  /** Milliseconds since 1970, when it is opened. */
  readonly now: number
  /** Default 10. */
  readonly connections?: number
  /** Milliseconds for a connection, and for one statement. Default 5000. */
  readonly timeoutMs?: number
}

/** One of those who bring the tables up to date at the same time; any number, but always the same. */
const MIGRATING = 7_220_115
const TRIES = 10

export class PostgresDatabase implements Database {
  readonly isShared = true
  readonly #pool: pg.Pool
  readonly #where: string
  #closing: Promise<void> | undefined

  private constructor({ url, connections = 10, timeoutMs = 5000 }: PostgresOptions) {
    this.#where = shown(url)
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: timeoutMs,
      statement_timeout: timeoutMs,
      application_name: 'patchbay',
      types: { getTypeParser: () => (text: string) => text },
    })
    // An idle connection that ends is no news: the next one is opened when it is needed.
    this.#pool.on('error', () => undefined)
  }

  /** Resolves once it answers and its tables are up to date. Throws GatewayError `store_…`. */
  static async open(options: PostgresOptions): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(options)
    try {
      await database.#transact(function* () {
        yield { sql: `SELECT pg_advisory_xact_lock(${MIGRATING})` }
        return yield* migrate({ now: options.now })
      })
    } catch (thrown) {
      await database.close()
      throw thrown
    }
    return database
  }

  async run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    return this.#transact(() => operation.steps(args))
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#pool.end())
  }

  async #transact<Result>(begin: () => Steps<Result>): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(begin())
      } catch (thrown) {
        if (isCollision(thrown) && tries < TRIES) continue
        throw storeError(postgresFailure(thrown), this.#where, thrown)
      }
    }
  }

  async #once<Result>(steps: Steps<Result>): Promise<Result> {
    const client = await this.#pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await follow(client, steps)
      await client.query('COMMIT')
      return result
    } catch (thrown) {
      await client.query('ROLLBACK').catch((lost: unknown) => {
        broken = lost instanceof Error ? lost : new Error('connection lost')
      })
      throw thrown
    } finally {
      client.release(broken)
    }
  }
}

async function follow<Result>(client: pg.PoolClient, steps: Steps<Result>): Promise<Result> {
  let step = steps.next([])
  while (step.done !== true) step = steps.next(await ask(client, step.value))
  return step.value
}

async function ask(
  client: pg.PoolClient,
  { sql, values = [] }: Statement,
): Promise<readonly Row[]> {
  const { rows, fields } = await client.query<Record<string, string | null>>(sql, [...values])
  const numeric = new Set(
    fields.filter(({ dataTypeID }) => WHOLE.has(dataTypeID)).map(({ name }) => name),
  )
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, text]): [string, Value] => [
        column,
        text !== null && numeric.has(column) ? Number(text) : text,
      ]),
    ),
  )
}

/** int8, int2, int4, numeric: what sums and counts come as. Source: pg_type.dat. */
const WHOLE: ReadonlySet<number> = new Set([20, 21, 23, 1700])

/** Without user and password. */
function shown(url: string): string {
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}
