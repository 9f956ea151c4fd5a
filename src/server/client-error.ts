// The error contract: any thrown value as the failure that a client is told about, with its headers.
import { compact } from '../canonical/compact.ts'
import { type ErrorKind, GatewayError, toGatewayError } from '../canonical/errors.ts'
import { asSeenOutside } from '../dialects/own-account.ts'
import { storeFailureIn, storeFailureOutside } from '../store/store-failure.ts'
import { WireError } from '../wire/errors.ts'
import type { WireHeaders } from '../wire/message.ts'
import { upstreamCode } from './upstream-code.ts'

/**
 * A failure of a provider gets the code of our contract, whatever its vendor calls it. What is wrong with bytes or JSON is the client's fault; a credential that a provider refuses is ours, not the
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
  const lost = storeFailureIn(error)
  if (lost !== undefined) {
    const { kind, code, retryAfterMs } = error
    return new GatewayError(
      kind,
      storeFailureOutside(lost),
      compact({ code, retryAfterMs, cause: error }),
    )
  }
  const told = upstreamCode(error)
  if (told === undefined) return error
  const { kind, param, retryAfterMs, upstream, breakage, extensions, status } = error
  const outward = asSeenOutside(error)
  return new GatewayError(
    OUTWARD[kind] ?? kind,
    outward.message,
    compact({
      origin: 'upstream' as const,
      status,
      ...told,
      param,
      retryAfterMs,
      upstream,
      breakage,
      extensions,
      cause: error,
    }),
  )
}

/** When a provider that could not even be reached is worth another try. */
const UNREACHED_MS = 1000

/** A key that is refused is no matter of the client's key; what failed within the provider did not fail within this server. */
const OUTWARD: { readonly [kind in ErrorKind]?: ErrorKind } = {
  auth: 'permission',
  internal: 'upstream',
}

/** No client should hold a call for longer. */
const LONG_WAIT_MS = 60_000

/**
 * When to come again: clients of several vendors obey these, whatever protocol they speak. Waiting heals no quota and no
 * bad request; and where Patchbay has tried again already, a client that does so too would only add to the crowd.
 */
export function retryHeaders(error: GatewayError, attempts: number = 0): WireHeaders {
  const { retryable } = error
  const waitMs = error.retryAfterMs ?? (isUnreached(error) ? UNREACHED_MS : undefined)
  // What took all the time that there was would take it again.
  const advised =
    retryable && error.kind !== 'timeout' && attempts < 2 && (waitMs ?? 0) <= LONG_WAIT_MS
  const headers: Record<string, string> = { 'x-should-retry': String(advised) }
  if (error.code !== undefined) headers['x-patchbay-error'] = headerText(error.code)
  // What we refused ourselves may pass then, though nobody is to try it by himself.
  if (waitMs !== undefined && (retryable || error.origin === 'gateway')) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(waitMs / 1000)))
    headers['retry-after-ms'] = String(Math.ceil(waitMs))
  }
  if (error.status === 401) headers['www-authenticate'] = 'Bearer realm="patchbay"'
  return headers
}

function isUnreached({ breakage }: GatewayError): boolean {
  return breakage?.cause === 'connect_refused'
}

/** A vendor's code may hold what a header may not. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 100)
}
