// Failures of an upstream with the provider's name on them and every secret out of them.
import type { Breakage } from '../canonical/breakage.ts'
import { compact } from '../canonical/compact.ts'
import {
  GatewayError,
  type UpstreamFailure,
  isUnpaid,
  toGatewayError,
} from '../canonical/errors.ts'
import type { Extension, Extensions } from '../canonical/extensions.ts'
import type { JsonObject } from '../canonical/json.ts'
import { retryAfterMs } from '../transport/retry-after.ts'
import { redactJson, redactText } from '../vault/redact.ts'
import { WireError, type WireErrorCode } from '../wire/errors.ts'
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
  wire: WireResponse & { readonly breakage?: Breakage },
  blame: Blame & { readonly nowMs: number },
): GatewayError {
  const { headers, status } = wire
  const requestId = decoded.upstream?.requestId ?? headers['x-request-id'] ?? headers['request-id']
  return shown(decoded, blame, {
    message: decoded.message,
    // OpenRouter says with a bill how long other calls hold the rest of the balance.
    retryAfterMs:
      decoded.retryable || isUnpaid(decoded)
        ? (decoded.retryAfterMs ?? retryAfterMs(headers, blame.nowMs))
        : undefined,
    // A client may tell by it that the provider's own filter refused, and no rule of the protocol's.
    status: decoded.kind === 'content_policy' && status === 403 ? 403 : decoded.status,
    upstream: compact({ ...decoded.upstream, status, requestId }),
    breakage: wire.breakage,
    cause: undefined,
  })
}

/** Whatever went wrong on the way: a socket, a clock, bytes that could not be read. */
export function failedCall(thrown: unknown, blame: Blame): GatewayError {
  const error = thrown instanceof WireError ? unreadable(thrown) : toGatewayError(thrown)
  if (error.origin !== 'upstream' || error.upstream?.provider !== undefined) return error
  return shown(error, blame, {
    message: `Provider "${blame.provider}": ${error.message}`,
    retryAfterMs: error.retryAfterMs,
    status: error.status,
    upstream: error.upstream ?? {},
    // Sockets and clocks say how it broke; what is left is an answer that our decoder could not read.
    breakage: error.breakage ?? { cause: 'parse', sent: 'all' },
    cause: error.cause,
  })
}

const TOO_LARGE: ReadonlySet<WireErrorCode> = new Set([
  'body_too_large',
  'frame_too_large',
  'line_too_long',
])

/** How a stream broke that ends in this failure. */
export function streamBreakage(decoded: GatewayError): Breakage {
  if (decoded.upstream?.body !== undefined) return { cause: 'in_band_error', sent: 'all' }
  return { cause: isTold(decoded) ? 'truncated' : 'parse', sent: 'all' }
}

/** Bytes that are not what the provider's protocol says. The cause keeps the place. */
function unreadable(cause: WireError): GatewayError {
  return new GatewayError('upstream', `The answer could not be read: ${cause.message}.`, {
    origin: 'upstream',
    code: 'upstream_bad_response',
    breakage: { cause: TOO_LARGE.has(cause.code) ? 'too_large' : 'parse', sent: 'all' },
    cause,
  })
}

/** Whether the provider tells of this failure, or its answer broke off; any other is one that our decoder could not read. */
export function isTold(decoded: GatewayError): boolean {
  return decoded.upstream?.body !== undefined || decoded.code === 'upstream_truncated'
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
  readonly status: number
  readonly upstream: UpstreamFailure
  readonly breakage: Breakage | undefined
  readonly cause: unknown
}

/** The error with these changes and the provider's name; everything in it that the provider wrote is redacted. */
function shown(error: GatewayError, blame: Blame, changes: Changes): GatewayError {
  const { kind, extensions } = error
  const { retryAfterMs, status, upstream, breakage, cause } = changes
  const text = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : redactText(value, blame.secrets)
  return new GatewayError(
    kind,
    redactText(changes.message, blame.secrets),
    compact({
      origin: 'upstream' as const,
      code: text(error.code),
      param: text(error.param),
      status,
      retryAfterMs,
      upstream: compact({
        provider: blame.provider,
        status: upstream.status,
        type: text(upstream.type),
        requestId: text(upstream.requestId),
        body: redactedBody(upstream.body, blame.secrets),
      }),
      breakage,
      extensions: redactedExtensions(extensions, blame.secrets),
      cause,
    }),
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
