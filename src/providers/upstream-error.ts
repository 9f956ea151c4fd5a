// Failures of an upstream with the provider's name on them and every secret out of them.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { Extension, Extensions } from '../canonical/extensions.ts'
import type { JsonObject } from '../canonical/json.ts'
import { retryAfterMs } from '../transport/retry-after.ts'
import { redactJson, redactText } from '../vault/redact.ts'
import { WireError } from '../wire/errors.ts'
import { type Json, isObject } from '../wire/json.ts'
import type { WireResponse } from '../wire/message.ts'

/** Whose failure it is, and what must not be seen in it. */
export interface Blame {
  readonly provider: string
  readonly secrets: readonly string[]
}

/** What a provider answered instead of a result, as its dialect has decoded it. */
export function answeredError(
  decoded: GatewayError,
  wire: WireResponse,
  blame: Blame & { readonly nowMs: number },
): GatewayError {
  const { headers, status } = wire
  const requestId = decoded.upstream?.requestId ?? headers['x-request-id'] ?? headers['request-id']
  return rebuilt(decoded, {
    message: redactText(decoded.message, blame.secrets),
    retryAfterMs: decoded.retryAfterMs ?? retryAfterMs(headers, blame.nowMs),
    upstream: compact({
      ...decoded.upstream,
      provider: blame.provider,
      status,
      requestId,
      body: redactedBody(decoded.upstream?.body, blame.secrets),
    }),
    extensions: redactedExtensions(decoded.extensions, blame.secrets),
  })
}

/** Whatever went wrong on the way: a socket, a clock, bytes that could not be read. */
export function failedCall(thrown: unknown, blame: Blame): GatewayError {
  const error = thrown instanceof WireError ? unreadable(thrown) : toGatewayError(thrown)
  if (error.origin !== 'upstream' || error.upstream?.provider !== undefined) return error
  return rebuilt(error, {
    message: `Provider "${blame.provider}": ${redactText(error.message, blame.secrets)}`,
    retryAfterMs: error.retryAfterMs,
    upstream: { ...error.upstream, provider: blame.provider },
    extensions: error.extensions,
  })
}

/** Bytes that are not what the provider's protocol says. The cause keeps the place. */
export function unreadable(cause: WireError): GatewayError {
  return new GatewayError('upstream', `The answer could not be read: ${cause.message}.`, {
    origin: 'upstream',
    code: 'upstream_bad_body',
    cause,
  })
}

/** Whether a body that came with a success status tells of a failure. Some proxies send `"error": null` with every answer. */
export function tellsOfError(body: Json | undefined): boolean {
  if (!isObject(body)) return false
  const { error } = body
  return error !== undefined && error !== null && error !== false && error !== ''
}

interface Changes {
  readonly message: string
  readonly retryAfterMs: number | undefined
  readonly upstream: GatewayError['upstream']
  readonly extensions: Extensions | undefined
}

function rebuilt(error: GatewayError, changes: Changes): GatewayError {
  const { code, param, status, cause } = error
  const { message, ...details } = changes
  return new GatewayError(
    error.kind,
    message,
    compact({ origin: 'upstream' as const, code, param, status, cause, ...details }),
  )
}

function redactedBody(body: Json | undefined, secrets: readonly string[]): Json | undefined {
  return body === undefined ? undefined : redactJson(body, secrets)
}

function redactedExtensions(
  extensions: Extensions | undefined,
  secrets: readonly string[],
): Extensions | undefined {
  if (extensions === undefined) return undefined
  const clean = (value: JsonObject | undefined): JsonObject | undefined => {
    const redacted = redactedBody(value, secrets)
    return isObject(redacted) ? redacted : undefined
  }
  return Object.fromEntries(
    Object.entries(extensions).map(([dialect, kept]): [string, Extension] => [
      dialect,
      compact({ fields: clean(kept?.fields), shape: clean(kept?.shape) }),
    ]),
  )
}
