// Errors: `{type:'error', error:{type, message}, request_id}` with its statuses, read from whatever a provider sends.
import { compact } from '../../canonical/compact.ts'
import { type ErrorKind, GatewayError, kindOfStatus, statusOf } from '../../canonical/errors.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { WireHeaders, WireResponse } from '../../wire/message.ts'
import type { ErrorCodec } from '../dialect.ts'
import { readableText } from '../error-text.ts'
import { asSeenOutside } from '../own-account.ts'
import { printRetryAfter, readRetryAfter } from '../retry-hint.ts'
import { refineKind } from './error-kinds.ts'
import type { ErrorType } from './wire-types.ts'

export const errorCodec: ErrorCodec = {
  decode: ({ status, headers, body }) => decodeError({ status, headers, body }),
  encode: (error, requestId) => encodeError(error, requestId),
}

interface Failure {
  /** Absent for an error inside a stream. */
  readonly status?: number
  readonly headers?: WireHeaders
  readonly body?: Json | undefined
}

/** Total: text and HTML say no more than their status does. */
export function decodeError({ status, headers = {}, body }: Failure): GatewayError {
  const said = readBody(body)
  const kind = refineKind(kindOf(said.type, status), said)
  const requestId = headers['request-id'] ?? said.requestId
  const retryAfterMs = kind === 'quota' ? undefined : readRetryAfter(headers)
  return new GatewayError(kind, said.message ?? silence(status), {
    origin: 'upstream',
    ...compact({ status: overridden(kind, status), retryAfterMs, code: said.code }),
    upstream: compact({ status, type: said.type, requestId, body }),
  })
}

function silence(status: number | undefined): string {
  return status === undefined
    ? 'The provider reported an error and did not say which.'
    : `The provider answered with status ${status} and no readable error.`
}

function overridden(kind: ErrorKind, status: number | undefined): number | undefined {
  if (status === undefined || status < 400) return undefined
  // 529 and 402 are this wire's own words for a kind: other wires have theirs.
  return status === statusOf(kind) || status === WIRE[kind].status ? undefined : status
}

interface Said {
  readonly type?: string
  readonly message?: string
  readonly code?: string
  readonly requestId?: string
}

/** The vendor's own shape first, then what compatible servers and proxies in front of them write. */
function readBody(body: Json | undefined): Said {
  if (isArray(body)) return readBody(body[0])
  if (!isObject(body)) return {}
  const error = body['error']
  const inner = isObject(error) ? error : body
  const details = isObject(inner['details']) ? inner['details'] : {}
  return compact({
    type: isObject(error) ? readableText(error['type']) : undefined,
    message: readableText(inner['message']) ?? readableText(error) ?? readableText(inner['detail']),
    code: readableText(details['error_code']) ?? readableText(inner['code']),
    requestId: readableText(body['request_id']),
  })
}

const KINDS: ReadonlyMap<string, ErrorKind> = new Map<ErrorType, ErrorKind>([
  ['invalid_request_error', 'invalid_request'],
  ['authentication_error', 'auth'],
  ['billing_error', 'quota'],
  ['permission_error', 'permission'],
  ['not_found_error', 'not_found'],
  ['conflict_error', 'conflict'],
  ['request_too_large', 'request_too_large'],
  ['rate_limit_error', 'rate_limit'],
  ['timeout_error', 'timeout'],
  ['api_error', 'internal'],
  ['overloaded_error', 'overloaded'],
])

/** The status is the more precise where it and the word disagree about whose fault it is. */
function kindOf(type: string | undefined, status: number | undefined): ErrorKind {
  const named = type === undefined ? undefined : KINDS.get(type)
  if (status === undefined || status < 400) return named ?? 'upstream'
  const plain = kindOfStatus(status)
  if (named === undefined) return plain
  return named === 'internal' || named === 'invalid_request' ? plain : named
}

const WIRE: Readonly<Record<ErrorKind, { readonly status: number; readonly type: ErrorType }>> = {
  invalid_request: { status: 400, type: 'invalid_request_error' },
  unsupported: { status: 400, type: 'invalid_request_error' },
  auth: { status: 401, type: 'authentication_error' },
  permission: { status: 403, type: 'permission_error' },
  not_found: { status: 404, type: 'not_found_error' },
  conflict: { status: 409, type: 'conflict_error' },
  request_too_large: { status: 413, type: 'request_too_large' },
  context_length: { status: 400, type: 'invalid_request_error' },
  rate_limit: { status: 429, type: 'rate_limit_error' },
  quota: { status: 402, type: 'billing_error' },
  content_policy: { status: 400, type: 'invalid_request_error' },
  overloaded: { status: 529, type: 'overloaded_error' },
  timeout: { status: 504, type: 'timeout_error' },
  upstream: { status: 502, type: 'api_error' },
  internal: { status: 500, type: 'api_error' },
  cancelled: { status: 499, type: 'api_error' },
}

function statusFor(error: GatewayError): number {
  const isOwn = error.origin !== 'upstream' || error.kind === 'content_policy'
  const precise = isOwn && error.status !== statusOf(error.kind)
  return precise ? error.status : WIRE[error.kind].status
}

const TOO_LONG = 'prompt is too long'

/** Clients shorten the conversation when they read these words, and only then. */
function messageOf({ kind, message }: GatewayError): string {
  if (kind !== 'context_length' || message.toLowerCase().includes(TOO_LONG)) return message
  return `${TOO_LONG}: ${message}`
}

/** The body of an error, alone or in a stream. */
export function errorBody(failure: GatewayError, requestId: string): JsonObject {
  const error = asSeenOutside(failure)
  const { type } = WIRE[error.kind]
  return { type: 'error', error: { type, message: messageOf(error) }, request_id: requestId }
}

function encodeError(failure: GatewayError, requestId: string): WireResponse {
  const headers = {
    'content-type': 'application/json',
    'request-id': requestId,
    ...printRetryAfter(failure),
    // The vendor's clients retry by status alone: 429 and 5xx that will not heal say so.
    ...(failure.retryable ? {} : { 'x-should-retry': 'false' }),
  }
  return {
    status: statusFor(asSeenOutside(failure)),
    headers,
    body: errorBody(failure, requestId),
  }
}
