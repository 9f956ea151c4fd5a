// One transaction over one connection: as few messages to and fro as its statements allow.
import pg from 'pg'
import { compact } from '../../canonical/compact.ts'
import { bound } from '../bound.ts'
import type { Row, Statement, Steps, Value } from '../operation.ts'

/** Reads see one state, whatever others do meanwhile. Changes see what others made permanent between two statements, and wait for their rows. */
export type Kind = 'changes' | 'reads'

const BEGIN: Readonly<Record<Kind, string>> = {
  changes: 'BEGIN',
  reads: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
}

/** How far a transaction had come when it failed: only at its end is it uncertain whether it happened. */
export type Phase = 'first' | 'later' | 'commit'

/** The database refused a statement, or could not be heard any more. What an operation itself throws is not one. */
export class StatementFailure extends Error {
  readonly phase: Phase

  constructor(phase: Phase, cause: unknown) {
    super('a statement failed', { cause })
    this.phase = phase
  }
}

/** Names of statements, so that the server plans each once for a connection. */
export class StatementNames {
  readonly #names = new Map<string, string>()

  /** Undefined where there are too many to be kept: then it is planned each time. */
  of(sql: string): string | undefined {
    const known = this.#names.get(sql)
    if (known !== undefined || this.#names.size >= MOST_NAMES) return known
    const name = `patchbay_${this.#names.size + 1}`
    this.#names.set(sql, name)
    return name
  }
}

/** Operations have far fewer, unless one writes its values into its SQL. */
const MOST_NAMES = 1000

export interface Transaction<Result> {
  readonly kind: Kind
  readonly steps: Steps<Result>
  readonly names: StatementNames
}

/** Throws StatementFailure; then the transaction is still to be rolled back. */
export async function transact<Result>(
  client: pg.PoolClient,
  { kind, steps, names }: Transaction<Result>,
): Promise<Result> {
  let phase: Phase = 'first'
  const ask = async (statement: Statement): Promise<readonly Row[]> => {
    const query = { text: statement.sql, values: bound(statement), ...named(names, statement) }
    const isFirst = phase === 'first'
    try {
      const result = isFirst
        ? await begun(client, BEGIN[kind], query)
        : await client.query<Texts>(query)
      return rowsOf(lastOf(result))
    } catch (thrown) {
      throw thrown instanceof TypeError ? thrown : new StatementFailure(phase, thrown)
    } finally {
      phase = 'later'
    }
  }
  let step = steps.next([])
  while (step.done !== true) step = steps.next(await ask(step.value))
  if (phase === 'first') return step.value
  try {
    await client.query('COMMIT')
  } catch (thrown) {
    throw new StatementFailure(kind === 'reads' ? 'later' : 'commit', thrown)
  }
  return step.value
}

type Texts = Record<string, string | null>
type Result = pg.QueryResult<Texts>

interface Query {
  readonly text: string
  readonly values: Value[]
  readonly name?: string
}

function named(names: StatementNames, { sql }: Statement): Pick<Query, 'name'> {
  return compact({ name: names.of(sql) })
}

/**
 * BEGIN and the first statement as one batch: where the first fails, the second is not run, and both take one way to and fro. The
 * client has no word for this, so its connection is told of BEGIN just before the statement, with nothing between them.
 */
async function begun(client: pg.PoolClient, begin: string, query: Query): Promise<Result> {
  // Without a name it may be sent as text alone, which cannot be part of a batch.
  if (query.name === undefined) {
    await client.query(begin)
    return client.query<Texts>(query)
  }
  const connection: unknown = Reflect.get(client, 'connection')
  if (!(connection instanceof pg.Connection))
    throw new TypeError('pg has no connection to write to')
  connection.stream.cork()
  connection.parse({ name: '', text: begin, types: [] }, true)
  connection.bind({}, true)
  connection.execute({}, true)
  const answer = client.query<Texts>(query)
  connection.stream.uncork()
  return answer
}

/** Of several commands at once there are several results. */
function lastOf(result: Result | readonly Result[]): Result {
  if (!('at' in result)) return result
  const last = result.at(-1)
  if (last === undefined) throw new TypeError('a statement without a result')
  return last
}

/** int8, int2, int4, numeric: what sums and counts come as. Source: pg_type.dat. */
const WHOLE: ReadonlySet<number> = new Set([20, 21, 23, 1700])
/** text, varchar, name, unknown, void. */
const TEXT: ReadonlySet<number> = new Set([25, 1043, 19, 705, 2278])

function rowsOf({ rows, fields }: Result): readonly Row[] {
  const types = new Map(fields.map(({ name, dataTypeID }) => [name, dataTypeID]))
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, text]) => [column, valueOf(column, text, types)]),
    ),
  )
}

function valueOf(column: string, text: string | null, types: ReadonlyMap<string, number>): Value {
  const type = types.get(column) ?? 0
  if (text === null || TEXT.has(type)) return text
  const number = WHOLE.has(type) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(number)) {
    throw new TypeError(`column ${column} holds neither text nor a whole number within 2^53`)
  }
  return number
}
