// What PostgreSQL's error codes mean. Source: postgresql.org/docs/current/errcodes-appendix.html.
import { NewerTables } from '../migrate.ts'
import { ShownCause, type StoreFailure } from '../store-failure.ts'
import { StatementFailure } from './transaction.ts'

const BY_CODE: Readonly<Record<string, StoreFailure>> = {
  // A statement or a lock took longer than it may.
  '57014': 'busy',
  '55P03': 'busy',
  '53300': 'busy',
}

const BY_CLASS: Readonly<Record<string, StoreFailure>> = {
  '08': 'unavailable',
  '25': 'read_only',
  // It does not let this user in, or has no such database.
  '28': 'unavailable',
  '3D': 'unavailable',
  '53': 'full',
  '57': 'unavailable',
  XX: 'corrupt',
}

/** Somebody came in between: begun anew, it may go through. */
const COLLISIONS: ReadonlySet<string> = new Set(['40001', '40P01'])
/** It is being stopped or started, or has no place free at this moment. */
const PASSING: ReadonlySet<string> = new Set(['53300', '57P01', '57P02', '57P03'])

/** Without a code of the server's it never answered. */
export function postgresFailure(thrown: unknown): StoreFailure {
  if (thrown instanceof NewerTables) return 'newer'
  const failure = failureIn(thrown)
  if (failure === undefined) return 'failed'
  const code = codeOf(failure.cause)
  if (failure.phase === 'commit' && (code === undefined || isLost(failure))) return 'uncertain'
  if (code === undefined) return 'unavailable'
  return BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 'failed'
}

/** `collision` and `lost` may be tried again, as nothing has happened yet; undefined: nothing is gained by that. */
export function retryReason(
  thrown: unknown,
): { kind: 'collision' | 'lost'; reason: string } | undefined {
  const failure = failureIn(thrown)
  if (failure === undefined) return undefined
  const code = codeOf(failure.cause)
  if (code !== undefined && COLLISIONS.has(code)) return { kind: 'collision', reason: code }
  if (failure.phase === 'commit' || !isLost(failure)) return undefined
  return { kind: 'lost', reason: code ?? 'lost' }
}

/** For messages. */
export function shownCause(thrown: unknown): unknown {
  const failure = failureIn(thrown)
  if (failure === undefined) return thrown
  const { cause } = failure
  // What the server says beside its code may hold what was to be stored; what Node and the client say is about the connection.
  const words = cause instanceof Error ? cause.message : 'the connection ended'
  return new ShownCause(codeOf(cause) ?? words)
}

function failureIn(thrown: unknown): StatementFailure | undefined {
  return thrown instanceof StatementFailure ? thrown : undefined
}

function isLost({ cause }: StatementFailure): boolean {
  // A certificate is no better a moment later.
  if (cause instanceof Error && 'code' in cause && /CERT|SIGNATURE|TLS/.test(String(cause.code))) {
    return false
  }
  const code = codeOf(cause)
  return code === undefined || PASSING.has(code) || code.startsWith('08')
}

/** Of five characters; what Node says of sockets has other codes. */
function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  const { code } = thrown
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}
