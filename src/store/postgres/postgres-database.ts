// PostgreSQL, which several gateways may share. Source: node-postgres.com.
import pg from 'pg'
import { type After, realAfter } from '../../canonical/after.ts'
import type { StoreFact } from '../../exchange/facts/store.ts'
import { compact } from '../../canonical/compact.ts'
import { migrate } from '../migrate.ts'
import type { Migration } from '../migration.ts'
import type { Database, Operation, Steps } from '../operation.ts'
import { storeError } from '../store-failure.ts'
import { postgresAddress } from './address.ts'
import { postgresFailure, retryReason, shownCause } from './postgres-failure.ts'
import { type Kind, StatementFailure, StatementNames, transact } from './transaction.ts'

export interface PostgresOptions {
  readonly url: string
  /** Milliseconds since 1970, when it is opened. */
  readonly now: number
  /** Default 10. */
  readonly connections?: number
  /** Milliseconds for a connection, and as many for one transaction. Default 5000. */
  readonly timeoutMs?: number
  /** Milliseconds for which a server that is not there is waited for when it is opened. Default 30000. */
  readonly waitMs?: number
  /** Default: all there are. */
  readonly migrations?: readonly Migration[]
  readonly after?: After
  /** Milliseconds that only go forward. Default: those of the process. */
  readonly clock?: () => number
  /** 0 to 1. Default Math.random. */
  readonly random?: () => number
  readonly tell?: (fact: StoreFact) => void
}

/** One of those who bring the tables up to date at the same time; any number, but always the same. */
const MIGRATING = 7_220_115
/** Of one operation, where others come in between. */
const TRIES = 20
/** A server that starts again is waited for so long, about. */
const PATIENCE_MS = 2000
/** So much later than the server would end a statement: it hangs. */
const GRACE_MS = 500
const WAIT_MS = 30_000
const FIRST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 250
/** Bringing tables up to date may read all that is in them. */
const MIGRATION_MS = 600_000
/** A name may lead to another server by now. */
const LIFETIME_S = 1800

interface Work<Result> {
  readonly kind: Kind
  readonly begin: () => Steps<Result>
  readonly timeoutMs: number
  /** Milliseconds for which a server that is not there is waited for. */
  readonly patienceMs: number
}

export class PostgresDatabase implements Database {
  readonly isShared = true
  readonly #pool: pg.Pool
  readonly #where: string
  readonly #names = new StatementNames()
  readonly #timeoutMs: number
  readonly #after: After
  readonly #clock: () => number
  readonly #random: () => number
  readonly #tell: ((fact: StoreFact) => void) | undefined
  #closing: Promise<void> | undefined

  private constructor(options: PostgresOptions) {
    const { url, connections = 10, timeoutMs = 5000, after = realAfter } = options
    const { connect, shown } = postgresAddress(url)
    this.#where = shown
    this.#timeoutMs = timeoutMs
    this.#after = after
    this.#clock = options.clock ?? (() => performance.now())
    this.#random = options.random ?? Math.random
    this.#tell = options.tell
    this.#pool = new pg.Pool({
      ...connect,
      max: connections,
      connectionTimeoutMillis: timeoutMs,
      maxLifetimeSeconds: LIFETIME_S,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      // What the server ends itself is told clearly. What its client has left must not hold rows that others wait for.
      statement_timeout: timeoutMs,
      idle_in_transaction_session_timeout: timeoutMs,
      application_name: 'patchbay',
      types: { getTypeParser: () => (text: string) => text },
    })
    // A connection that ends while nobody asks is no news: another one is opened when it is needed.
    this.#pool.on('error', () => undefined)
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
  }

  /** Resolves once it answers and its tables are up to date. Throws GatewayError `store_…`. */
  static async open(options: PostgresOptions): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(options)
    try {
      await database.#transact({
        kind: 'changes',
        timeoutMs: MIGRATION_MS,
        patienceMs: options.waitMs ?? WAIT_MS,
        *begin() {
          yield { sql: `SET LOCAL statement_timeout = ${MIGRATION_MS}` }
          // Whoever comes second waits here, and then finds nothing left to do.
          yield { sql: `SELECT pg_advisory_xact_lock(${MIGRATING})` }
          return yield* migrate(compact({ now: options.now, migrations: options.migrations }))
        },
      })
    } catch (thrown) {
      await database.close()
      throw thrown
    }
    return database
  }

  async run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    return this.#transact({
      kind: operation.reads === true ? 'reads' : 'changes',
      timeoutMs: this.#timeoutMs,
      patienceMs: PATIENCE_MS,
      begin: () => operation.steps(args),
    })
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#pool.end())
  }

  async #transact<Result>(work: Work<Result>): Promise<Result> {
    const startedAt = this.#clock()
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(work)
      } catch (thrown) {
        const retry = retryReason(thrown)
        const isOver =
          retry?.kind === 'lost' ? this.#clock() - startedAt >= work.patienceMs : tries >= TRIES
        if (retry === undefined || isOver) {
          throw storeError(postgresFailure(thrown), this.#where, shownCause(thrown))
        }
        this.#tell?.({ type: 'store-retried', reason: retry.reason })
        const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1))
        await this.#pause(pauseMs * (0.5 + this.#random() / 2))
      }
    }
  }

  async #once<Result>({ kind, begin, timeoutMs }: Work<Result>): Promise<Result> {
    const client = await this.#connected()
    let isHeld = true
    const release = (broken?: Error): void => {
      if (isHeld) client.release(broken)
      isHeld = false
    }
    // A server that hangs does not end anything by itself: the connection is given up, and with it the transaction.
    const callOff = this.#after(timeoutMs + GRACE_MS, () => release(new Error('it took too long')))
    try {
      return await transact(client, { kind, steps: begin(), names: this.#names })
    } catch (thrown) {
      await rolledBack(client, thrown).catch((lost: unknown) => {
        release(lost instanceof Error ? lost : new Error('connection lost'))
      })
      throw thrown
    } finally {
      callOff()
      release()
    }
  }

  async #connected(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (thrown) {
      throw new StatementFailure('first', thrown)
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#after(milliseconds, resolve)
    })
  }
}

/** Throws where the connection is of no use any more. */
async function rolledBack(client: pg.PoolClient, thrown: unknown): Promise<void> {
  // The client may take a first statement for planned that was not: it hears of BEGIN's plan as of that one's.
  if (thrown instanceof StatementFailure && thrown.phase === 'first') throw thrown
  await client.query('ROLLBACK')
}
