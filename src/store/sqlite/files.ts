// The file of a database before it is opened: nobody else may read it, and what has been there is never mistaken for nothing.
import { chmodSync, closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { compareVersions } from './version.ts'

const OWNER_ONLY = 0o600
/** SQLite gives those beside it the mode of the file; ones that are there already may have another. */
const BESIDE = ['-wal', '-shm'] as const
/** Before it, a rare race could lose what was committed. Source: sqlite.org/wal.html#walresetbug. */
const OLDEST = '3.51.3'

/** There was a database, and it is gone or cut to nothing: opened, it would be a new one. */
export class VanishedDatabase extends Error {}

/** This Node brings a SQLite that is not to be trusted with money. */
export class OldSqlite extends Error {
  constructor(version: string) {
    super(`this Node has SQLite ${version}, and Patchbay needs ${OLDEST} or newer: update Node`)
  }
}

/** Whether it made the file. Throws OldSqlite, VanishedDatabase, and what the file system throws. */
export function prepareFile(
  path: string,
  version: string = process.versions['sqlite'] ?? '0',
): boolean {
  if (compareVersions(version, OLDEST) < 0) throw new OldSqlite(version)
  if (path === ':memory:') return false
  const isThere = existsSync(path)
  if (isThere ? statSync(path).size === 0 : sizeOf(`${path}-wal`) > 0) {
    throw new VanishedDatabase('the file is empty')
  }
  if (!isThere) closeSync(openSync(path, 'a', OWNER_ONLY))
  for (const file of [path, ...BESIDE.map((end) => path + end)]) close(file)
  return !isThere
}

/** Where nothing came of it: an empty file would be taken for one that was cut. */
export function forgetFile(path: string): void {
  if (sizeOf(path) === 0) rmSync(path, { force: true })
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}

function close(path: string): void {
  if (existsSync(path) && (statSync(path).mode & 0o077) !== 0) chmodSync(path, OWNER_ONLY)
}
