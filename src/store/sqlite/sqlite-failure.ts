// What SQLite's result codes mean. Source: sqlite.org/rescode.html.
import { NewerTables } from '../migrate.ts'
import type { StoreFailure } from '../store-failure.ts'
import { VanishedDatabase } from './files.ts'

const BY_CODE: Readonly<Record<number, StoreFailure>> = {
  5: 'busy',
  6: 'busy',
  8: 'read_only',
  11: 'corrupt',
  13: 'full',
  14: 'unavailable',
  23: 'read_only',
  26: 'corrupt',
}
/** Those of the file system. */
const BY_NAME: Readonly<Record<string, StoreFailure>> = {
  EACCES: 'read_only',
  EPERM: 'read_only',
  EROFS: 'read_only',
  ENOSPC: 'full',
  EDQUOT: 'full',
}
/** The disk did not say that it has written what a commit wrote. */
const FSYNC_FAILED = 1034

export function sqliteFailure(thrown: unknown): StoreFailure {
  if (thrown instanceof NewerTables) return 'newer'
  if (thrown instanceof VanishedDatabase) return 'corrupt'
  if (!(thrown instanceof Error)) return 'failed'
  const errcode = 'errcode' in thrown ? thrown.errcode : undefined
  if (errcode === FSYNC_FAILED) return 'uncertain'
  // The low byte is the code, the rest says more of it.
  if (typeof errcode === 'number') return BY_CODE[errcode & 0xff] ?? 'failed'
  const code = 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' ? (BY_NAME[code] ?? 'failed') : 'failed'
}
