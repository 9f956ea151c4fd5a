// Failures: HTTP bodies, `error` events and failed responses, read; one form each, written.
import { compact } from '../../canonical/compact.ts'
import { type ErrorKind, GatewayError, kindOfStatus } from '../../canonical/errors.ts'
import type { JsonObject } from '../../wire/json.ts'
import type { WireHeaders, WireResponse } from '../../wire/message.ts'
import type { ErrorCodec } from '../dialect.ts'
import { errorKind } from './error-kind.ts'
import { asSeenOutside } from '../own-account.ts'
import { printRetryAfter, readRetryAfter } from '../retry-hint.ts'
import { leftovers } from './extension.ts'
import { readFailure } from './failure.ts'
import { OPENAI_RESPONSES, type WireErrorBody } from './wire-types.ts'

export const error: ErrorCodec = { decode, encode }

/** Total. A failure inside a success counts as the upstream's fault where it does not say more. */
function decode(wire: WireResponse): GatewayError {
  const failure = readFailure(wire)
  const kind = errorKind(wire.status, failure)
  const { code, param, type } = failure
  const status = wire.status >= 400 && kindOfStatus(wire.status) === kind ? wire.status : undefined
  const wait = kind === 'quota' ? undefined : readRetryAfter(wire.headers)
  const upstream = compact({
    status: wire.status,
    type,
    requestId: wire.headers['x-request-id'],
    body: wire.body,
  })
  return new GatewayError(kind, failure.message, {
    origin: 'upstream',
    upstream,
    ...compact({ code, param, status, retryAfterMs: wait }),
    ...leftovers.owned(undefined),
  })
}

/** `type` and the code that stands in when the error has none of its own. */
const TYPES: Readonly<Record<ErrorKind, readonly [type: string, code: string | null]>> = {
  invalid_request: ['invalid_request_error', null],
  unsupported: ['invalid_request_error', 'unsupported_value'],
  auth: ['invalid_request_error', 'invalid_api_key'],
  permission: ['invalid_request_error', 'permission_denied'],
  not_found: ['invalid_request_error', 'not_found'],
  conflict: ['invalid_request_error', 'conflict'],
  request_too_large: ['invalid_request_error', 'request_too_large'],
  context_length: ['invalid_request_error', 'context_length_exceeded'],
  rate_limit: ['rate_limit_error', 'rate_limit_exceeded'],
  quota: ['insufficient_quota', 'insufficient_quota'],
  content_policy: ['invalid_request_error', 'content_policy_violation'],
  overloaded: ['service_unavailable_error', 'server_is_overloaded'],
  timeout: ['server_error', 'timeout'],
  upstream: ['server_error', 'upstream_error'],
  internal: ['server_error', null],
  cancelled: ['server_error', 'cancelled'],
}

function encode(failure: GatewayError, requestId: string): WireResponse {
  const outward = asSeenOutside(failure)
  return {
    status: outward.status,
    headers: { 'x-request-id': requestId, ...retryHeaders(failure) },
    body: errorBody(outward),
  }
}

function errorBody(failure: GatewayError): WireErrorBody {
  const { kind, message, param = null, code, upstream } = failure
  const [type, standIn] = TYPES[kind]
  const own = failure.extensions?.[OPENAI_RESPONSES] === undefined ? undefined : upstream?.type
  return {
    error: {
      message,
      type: own ?? type,
      param,
      code: kind === 'context_length' ? standIn : (code ?? standIn),
    },
  }
}

/** The fields of an `error` event: flat as they are documented, and in an object as the vendor sends them. Clients read one or the other. */
export function errorEvent(failure: GatewayError): JsonObject {
  const { message, param, type, code } = errorBody(asSeenOutside(failure)).error
  const said = { code: code ?? type, message, param }
  return { ...said, error: { type, ...said } }
}

/** The `error` of a response that failed. */
export function responseError(failure: GatewayError): JsonObject {
  const { code, message } = errorEvent(failure)
  return { code, message }
}

/** The SDKs try again on 408, 409, 429 and from 500 on, unless told otherwise. */
function retryHeaders(failure: GatewayError): WireHeaders {
  return failure.retryable ? printRetryAfter(failure) : { 'x-should-retry': 'false' }
}
