// Failures: every body that Mistral and its front doors send, read; one form, written.
import { compact } from '../../canonical/compact.ts'
import { type ErrorKind, GatewayError, kindOfStatus } from '../../canonical/errors.ts'
import type { WireHeaders, WireResponse } from '../../wire/message.ts'
import type { ErrorCodec } from '../dialect.ts'
import { asSeenOutside } from '../own-account.ts'
import { readRetryAfter } from '../retry-hint.ts'
import { errorKind } from './error-kind.ts'
import { readFailure } from './failure.ts'
import type { WireErrorBody } from './wire-types.ts'

export const error: ErrorCodec = { decode, encode }

/** Total. A failure inside a success has its own status in the body, else it counts as the upstream's fault. */
function decode(wire: WireResponse): GatewayError {
  const failure = readFailure(wire)
  const kind = errorKind(wire.status, failure)
  const { code, param, type } = failure
  const said = wire.status >= 400 ? wire.status : failure.status
  const status = said !== undefined && kindOfStatus(said) === kind ? said : undefined
  const wait = kind === 'quota' ? undefined : readRetryAfter(wire.headers)
  const upstream = compact({
    status: wire.status,
    type,
    requestId: wire.headers['mistral-correlation-id'] ?? wire.headers['x-kong-request-id'],
    body: wire.body,
  })
  return new GatewayError(kind, failure.message, {
    origin: 'upstream',
    upstream,
    ...compact({ code, param, status, retryAfterMs: wait }),
  })
}

interface Spelling {
  readonly type: string
  /** Mistral's own number for it, where it has one and the error has none. */
  readonly code?: string
  /** Where Mistral's status differs from the usual one. */
  readonly status?: number
}

const SPELLINGS: Readonly<Record<ErrorKind, Spelling>> = {
  invalid_request: { type: 'invalid_request_error' },
  unsupported: { type: 'unsupported_value' },
  auth: { type: 'invalid_api_key' },
  permission: { type: 'permission_denied' },
  not_found: { type: 'invalid_model', code: '1500' },
  conflict: { type: 'conflict' },
  request_too_large: { type: 'request_too_large' },
  context_length: { type: 'context_length_exceeded' },
  rate_limit: { type: 'rate_limit_exceeded' },
  quota: { type: 'insufficient_quota', status: 402 },
  content_policy: { type: 'content_policy_violation', status: 403 },
  overloaded: { type: 'service_tier_capacity_exceeded', code: '3505' },
  timeout: { type: 'timeout' },
  upstream: { type: 'upstream_error' },
  internal: { type: 'internal_server_error' },
  cancelled: { type: 'cancelled' },
}

function encode(failure: GatewayError, requestId: string): WireResponse {
  const outward = asSeenOutside(failure)
  const { status = outward.status } = SPELLINGS[outward.kind]
  return {
    status,
    headers: { 'mistral-correlation-id': requestId, ...retryHeaders(outward) },
    body: errorBody(outward),
  }
}

/** The body alone, as a stream says it too. */
export function errorBody(failure: GatewayError): WireErrorBody {
  const { kind, message, param = null, code } = asSeenOutside(failure)
  const { type, code: number = null } = SPELLINGS[kind]
  return { object: 'error', message, type, param, code: code ?? number }
}

function retryHeaders({ retryable, retryAfterMs }: GatewayError): WireHeaders {
  if (!retryable || retryAfterMs === undefined) return {}
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }
}
