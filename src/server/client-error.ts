// The error contract: any thrown value as the failure that a client is told about, with its headers.
import { compact } from '../canonical/compact.ts'
import { type ErrorKind, GatewayError, toGatewayError } from '../canonical/errors.ts'
import { WireError } from '../wire/errors.ts'
import type { WireHeaders } from '../wire/message.ts'

/**
 * What is wrong with bytes or JSON is the client's fault; a credential that a provider refuses is ours, not the
 * client's: it must not look as if the client's own key were wrong.
 */
export function clientError(thrown: unknown): GatewayError {
  if (thrown instanceof WireError) {
    const kind = thrown.code === 'body_too_large' ? 'request_too_large' : 'invalid_request'
    return new GatewayError(kind, `${thrown.message}.`, {
      origin: 'client',
      code: thrown.code,
      ...(thrown.path === undefined ? {} : { param: thrown.path }),
    })
  }
  const error = toGatewayError(thrown)
  return error.origin === 'upstream' ? theirs(error) : error
}

/** A failure of the provider, which is not one of this server. */
function theirs(error: GatewayError): GatewayError {
  switch (error.kind) {
    case 'auth':
    case 'permission':
      return toldAs(error, { kind: 'permission', status: 502, code: 'upstream_auth_failed' })
    case 'internal':
      return toldAs(error, { kind: 'upstream', status: 502, code: error.code ?? 'upstream_error' })
    case 'overloaded':
      return toldAs(error, {
        kind: 'overloaded',
        status: 503,
        code: error.code ?? 'upstream_overloaded',
      })
    case 'rate_limit':
    case 'timeout':
      if (error.code !== undefined) return error
      return toldAs(error, { kind: error.kind, status: error.status, code: CODES[error.kind] })
    default:
      return error
  }
}

/** Where the provider had no code of its own. */
const CODES = { rate_limit: 'upstream_rate_limited', timeout: 'upstream_timeout' } as const

interface Telling {
  readonly kind: ErrorKind
  readonly status: number
  readonly code: string
}

function toldAs(error: GatewayError, { kind, status, code }: Telling): GatewayError {
  const { message, param, retryAfterMs, upstream, breakage, extensions } = error
  const kept = compact({ param, retryAfterMs, upstream, breakage, extensions })
  return new GatewayError(kind, message, {
    origin: 'upstream',
    status,
    code,
    ...kept,
    cause: error,
  })
}

/** When a provider that could not even be reached is worth another try. */
const UNREACHED_MS = 1000

/** No client should hold a call for longer. */
const LONG_WAIT_MS = 60_000

/**
 * When to come again: clients of several vendors obey these, whatever protocol they speak. Waiting heals no quota and no
 * bad request; and where Patchbay has tried again already, a client that does so too would only add to the crowd.
 */
export function retryHeaders(error: GatewayError, attempts: number = 0): WireHeaders {
  const { retryable } = error
  const waitMs = error.retryAfterMs ?? (isUnreached(error) ? UNREACHED_MS : undefined)
  const advised = retryable && attempts < 2 && (waitMs ?? 0) <= LONG_WAIT_MS
  const headers: Record<string, string> = { 'x-should-retry': String(advised) }
  if (retryable && waitMs !== undefined) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(waitMs / 1000)))
    headers['retry-after-ms'] = String(Math.ceil(waitMs))
  }
  if (error.status === 401) headers['www-authenticate'] = 'Bearer realm="patchbay"'
  return headers
}

function isUnreached({ breakage }: GatewayError): boolean {
  return breakage?.cause === 'connect_refused'
}
