// Looks after the file of a database, beside whoever has it open: reads it through, and copies it whole.
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../canonical/errors.ts'
import { storeError } from '../store-failure.ts'
import { sqliteFailure } from './sqlite-failure.ts'

export interface FileSizes {
  readonly bytes: number
  /** What was written last and is not in the file yet. */
  readonly logBytes: number
}

/** What is wrong with it is no more than this many lines. */
const MOST_FINDINGS = 20

/** Undefined where there is no such file. */
export function sizesOf(path: string): FileSizes | undefined {
  if (!existsSync(path)) return undefined
  const log = `${path}-wal`
  return { bytes: statSync(path).size, logBytes: existsSync(log) ? statSync(log).size : 0 }
}

/** All of it, with its indexes: what is wrong, in SQLite's words; none where it is sound. Throws GatewayError `store_…`. */
export function findings(path: string): readonly string[] {
  try {
    const found = reading(path, (database) =>
      database.prepare(`PRAGMA integrity_check(${MOST_FINDINGS})`).all(),
    )
    const lines = found.map((row) => String(row['integrity_check']))
    return lines.length === 1 && lines[0] === 'ok' ? [] : lines
  } catch (thrown) {
    // It may be too damaged to be read through.
    if (!(thrown instanceof GatewayError) || thrown.code !== 'store_corrupt') throw thrown
    return [thrown.cause instanceof Error ? thrown.cause.message : thrown.message]
  }
}

/**
 * A copy of one moment, while others go on writing; it is read through before it counts. Gives its bytes. Throws GatewayError `store_…`,
 * also where there is such a file already.
 */
export function backUp(path: string, to: string): number {
  try {
    closeSync(openSync(to, 'wx', 0o600))
  } catch (cause) {
    throw storeError(sqliteFailure(cause), to, cause)
  }
  try {
    // An empty file is taken; whoever made it has closed it to others.
    reading(path, (database) => database.prepare('VACUUM INTO ?').run(to))
    const wrong = findings(to)
    if (wrong.length > 0) throw storeError('corrupt', to, wrong[0])
    const file = openSync(to, 'r+')
    fsyncSync(file)
    closeSync(file)
  } catch (thrown) {
    rmSync(to, { force: true })
    throw thrown
  }
  return statSync(to).size
}

function reading<Result>(path: string, work: (database: DatabaseSync) => Result): Result {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    return work(database)
  } catch (thrown) {
    throw storeError(sqliteFailure(thrown), path, thrown)
  } finally {
    database?.close()
  }
}
