// What SQLite's result codes mean. Source: sqlite.org/rescode.html.
import type { StoreFailure } from '../store-failure.ts'
import { NewerTables } from '../migrate.ts'

const BY_CODE: Readonly<Record<number, StoreFailure>> = {
  5: 'busy',
  6: 'busy',
  8: 'read_only',
  10: 'failed',
  11: 'corrupt',
  13: 'full',
  14: 'unavailable',
  23: 'read_only',
  26: 'corrupt',
}

export function sqliteFailure(thrown: unknown): StoreFailure {
  if (thrown instanceof NewerTables) return 'newer'
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return 'failed'
  // The low byte is the code, the rest says more of it.
  const { errcode } = thrown
  return typeof errcode === 'number' ? (BY_CODE[errcode & 0xff] ?? 'failed') : 'failed'
}
