// The file of a database before it is opened: nobody else may read it, and what has been there is never mistaken for nothing.
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { threadId } from 'node:worker_threads'
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

/** Throws OldSqlite, VanishedDatabase, and what SQLite and the file system throw. */
export function prepareFile(
  path: string,
  version: string = process.versions['sqlite'] ?? '0',
): void {
  if (compareVersions(version, OLDEST) < 0) throw new OldSqlite(version)
  if (path === ':memory:') return
  const isThere = existsSync(path)
  const isLost = isThere ? statSync(path).size === 0 : sizeOf(`${path}-wal`) > 0
  if (isLost) throw new VanishedDatabase('the file is empty')
  if (!isThere) create(path)
  // SQLite only says that it cannot open what it cannot write beside.
  for (const written of [path, dirname(path)]) accessSync(written, constants.W_OK)
  for (const file of [path, ...BESIDE.map((end) => path + end)]) closeToOthers(file)
}

/** It comes to be whole or not at all, so that an empty one is always one that was cut. */
function create(path: string): void {
  const draft = `${path}.${process.pid}-${threadId}`
  try {
    closeSync(openSync(draft, 'a', OWNER_ONLY))
    const database = new DatabaseSync(draft)
    database.exec('PRAGMA journal_mode = WAL')
    database.close()
    publish(draft, path)
  } finally {
    for (const end of ['', ...BESIDE]) rmSync(draft + end, { force: true })
  }
}

/** Another process may have made it meanwhile: then that one is used. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (thrown) {
    if (isThere(thrown)) return
    // A file system without links.
    copyFileSync(draft, path, constants.COPYFILE_EXCL)
  }
}

function isThere(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST'
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}

function closeToOthers(path: string): void {
  if (existsSync(path) && (statSync(path).mode & 0o077) !== 0) chmodSync(path, OWNER_ONLY)
}
