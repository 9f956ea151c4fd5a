// What PostgreSQL's error codes mean. Source: postgresql.org/docs/current/errcodes-appendix.html.
import { NewerTables } from '../migrate.ts'
import type { StoreFailure } from '../store-failure.ts'

/** Somebody came in between: begun anew, it may go through. */
const COLLISIONS: ReadonlySet<string> = new Set(['40001', '40P01'])

const BY_CLASS: Readonly<Record<string, StoreFailure>> = {
  '08': 'unavailable',
  '25': 'read_only',
  '53': 'full',
  '57': 'unavailable',
  XX: 'corrupt',
}

export function isCollision(thrown: unknown): boolean {
  return COLLISIONS.has(codeOf(thrown) ?? '')
}

/** Without a code of the server's it never answered. */
export function postgresFailure(thrown: unknown): StoreFailure {
  if (thrown instanceof NewerTables) return 'newer'
  if (thrown instanceof TypeError) return 'failed'
  const code = codeOf(thrown)
  return code === undefined ? 'unavailable' : (BY_CLASS[code.slice(0, 2)] ?? 'failed')
}

/** Of five characters; what Node says of sockets has other codes. */
function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  const { code } = thrown
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}
