// An operation on what is stored: it says what to ask next and is told the rows; who runs it decides on what database, and on which thread.

/** What a column holds: text, or a whole number within 2^53. */
export type Value = string | number | null

export type Row = Readonly<Record<string, Value>>

/** SQL that SQLite and PostgreSQL read alike, with `$1`, `$2` … for `values`. */
export interface Statement {
  readonly sql: string
  readonly values?: readonly Value[]
}

/** Yields statements, is given the rows of each, and returns what it came for. */
export type Steps<Result> = Generator<Statement, Result, readonly Row[]>

/**
 * Everything that one operation does happens, or nothing: it is one transaction. It may be begun anew where others came in
 * between, so it has no effects but its statements. PostgreSQL shows what others commit between two statements of one that changes
 * something: so it takes hold first (an UPDATE waits for the row), or puts its condition into the statement that changes. Arguments and result are plain data: they may cross to another thread.
 */
export interface Operation<Args, Result> {
  /** Unlike that of any other. */
  readonly name: string
  /** It changes nothing, and need not wait for those that do. */
  readonly reads?: true
  steps(args: Args): Steps<Result>
  /**
   * Many that have come at once, done with fewer statements than one by one, with a result for each. Only a database runs it in which
   * nobody else can change anything between two statements. All of them happen or none; where one cannot, each is run by itself.
   */
  together?(all: readonly Args[]): Steps<readonly Result[]>
}

/** What runs operations. Throws GatewayError with a code `store_…` where the database cannot. */
export interface Database {
  /** Whether another process may write what is in it. */
  readonly isShared: boolean
  /** Resolves once what the operation did is there to stay. */
  run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result>
  /** Ends what was begun, then lets go. */
  close(): Promise<void>
}
