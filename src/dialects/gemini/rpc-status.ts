// The vendor's words for failures (google.rpc.Code) and what they stand for.
import { type ErrorKind, kindOfStatus } from '../../canonical/errors.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

const KINDS: ReadonlyMap<string, ErrorKind> = new Map<string, ErrorKind>([
  ['INVALID_ARGUMENT', 'invalid_request'],
  ['OUT_OF_RANGE', 'invalid_request'],
  // The region or the billing account, not the request.
  ['FAILED_PRECONDITION', 'permission'],
  ['UNAUTHENTICATED', 'auth'],
  ['PERMISSION_DENIED', 'permission'],
  ['NOT_FOUND', 'not_found'],
  ['ABORTED', 'conflict'],
  ['ALREADY_EXISTS', 'conflict'],
  ['RESOURCE_EXHAUSTED', 'rate_limit'],
  ['CANCELLED', 'cancelled'],
  ['UNIMPLEMENTED', 'unsupported'],
  ['INTERNAL', 'internal'],
  ['UNKNOWN', 'internal'],
  ['DATA_LOSS', 'internal'],
  ['UNAVAILABLE', 'overloaded'],
  ['DEADLINE_EXCEEDED', 'timeout'],
])

export const WORDS: Readonly<Record<ErrorKind, string>> = {
  invalid_request: 'INVALID_ARGUMENT',
  unsupported: 'INVALID_ARGUMENT',
  auth: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  not_found: 'NOT_FOUND',
  conflict: 'ABORTED',
  request_too_large: 'INVALID_ARGUMENT',
  context_length: 'INVALID_ARGUMENT',
  rate_limit: 'RESOURCE_EXHAUSTED',
  quota: 'RESOURCE_EXHAUSTED',
  content_policy: 'INVALID_ARGUMENT',
  overloaded: 'UNAVAILABLE',
  timeout: 'DEADLINE_EXCEEDED',
  upstream: 'UNAVAILABLE',
  internal: 'INTERNAL',
  cancelled: 'CANCELLED',
}

/** What a failure says of itself, beside its HTTP status. */
export interface Failure {
  readonly word: string | undefined
  readonly message: string
  readonly details: readonly JsonObject[]
}

const TOO_LONG = /token (?:count|limit)|(?:context|input|prompt).{0,40}(?:length|window|too long)/i
const TOO_MANY = /exceed|maximum|too (?:long|large|many)/i

/** The word is finer than the status, except where a proxy of the vendor's changed only the status. */
export function errorKind(status: number, failure: Failure): ErrorKind {
  const { word, message } = failure
  const byStatus = kindOfStatus(status)
  const byWord = word === undefined ? undefined : KINDS.get(word)
  const general = byStatus === 'invalid_request' || byStatus === 'internal'
  const kind = general ? (byWord ?? byStatus) : byStatus
  const blames = kind === 'invalid_request' || kind === 'internal'
  if (blames && TOO_LONG.test(message) && TOO_MANY.test(message)) return 'context_length'
  if (kind === 'invalid_request' && reasonOf(failure).startsWith('API_KEY_')) return 'auth'
  if (kind === 'rate_limit' && isSpent(failure)) return 'quota'
  return kind
}

/** The machine's word for the reason, such as `API_KEY_INVALID`; empty where there is none. */
export function reasonOf({ details }: Failure): string {
  const reason = detailOf(details, 'ErrorInfo')?.['reason']
  return typeof reason === 'string' ? reason : ''
}

/** A quota of a day or of money does not come back within a minute. */
function isSpent({ details }: Failure): boolean {
  const violations = detailOf(details, 'QuotaFailure')?.['violations']
  if (!isArray(violations)) return false
  return violations.some((violation) => /PerDay|Spend|Billing/i.test(quotaId(violation)))
}

function quotaId(violation: Json): string {
  const id = isObject(violation) ? violation['quotaId'] : undefined
  return typeof id === 'string' ? id : ''
}

/** A detail by the last word of its type. */
function detailOf(details: readonly JsonObject[], type: string): JsonObject | undefined {
  return details.find((detail) => {
    const name = detail['@type']
    return typeof name === 'string' && name.endsWith(`.${type}`)
  })
}

/** `34.4s` in the details, or in the words of the message. */
export function retryDelayMs({ details, message }: Failure): number | undefined {
  const told = detailOf(details, 'RetryInfo')?.['retryDelay']
  const delay = /^(\d{1,6}(?:\.\d{1,9})?)s$/.exec(typeof told === 'string' ? told : '')
  const seconds = delay?.[1] ?? /retry in (\d{1,6}(?:\.\d{1,9})?)s/i.exec(message)?.[1]
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000)
}
