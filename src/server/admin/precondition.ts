// Versions of what is stored as HTTP has them: the ETag of an answer, and the state that a change is meant for (RFC 9110 §13, RFC 6585 §3).
import { GatewayError } from '../../canonical/errors.ts'
import type { Expected } from '../../store/documents/document.ts'
import type { Json } from '../../wire/json.ts'
import type { WireHeaders } from '../../wire/message.ts'
import { type Outbound, jsonAnswer } from '../message.ts'

/** Whether a change must say which state it is meant for. */
export type Precondition = 'required' | 'optional'

export function etagOf(version: number): string {
  return `"${version}"`
}

/** A JSON answer that says in which state it shows something. */
export function versioned(value: Json, version: number, status: number = 200): Outbound {
  const answer = jsonAnswer(value, status)
  return { ...answer, headers: { ...answer.headers, etag: etagOf(version) } }
}

/** The state that a request is meant for. Throws invalid_request, with 428 where it must say one and does not. */
export function expectedIn(headers: WireHeaders, precondition: Precondition): Expected {
  if (headers['if-none-match'] === '*') return 'absent'
  const match = headers['if-match']
  if (match === '*') return 'any'
  if (match !== undefined) return versionIn(match)
  if (precondition === 'optional') return 'any'
  throw new GatewayError(
    'invalid_request',
    'This change must say which state it is meant for: send the ETag of your last look at it as If-Match, or "If-Match: *" for whatever state it is in.',
    { origin: 'client', status: 428, code: 'precondition_required', param: 'if-match' },
  )
}

/** A change that met another state than it named is no conflict to HTTP but a condition that failed. */
export function asPrecondition(thrown: unknown, expected: Expected): unknown {
  if (expected === 'any' || !(thrown instanceof GatewayError)) return thrown
  if (thrown.code !== 'version_conflict' && thrown.code !== 'already_there') return thrown
  return new GatewayError('invalid_request', thrown.message, {
    origin: 'client',
    status: 412,
    code: thrown.code,
    param: expected === 'absent' ? 'if-none-match' : 'if-match',
    cause: thrown,
  })
}

function versionIn(match: string): number {
  const [, digits = ''] = /^"(\d{1,15})"$/.exec(match.trim()) ?? []
  if (digits !== '') return Number(digits)
  throw new GatewayError(
    'invalid_request',
    'If-Match must be one ETag as it was given, such as "3" with its quotes, or *.',
    { origin: 'client', code: 'invalid_etag', param: 'if-match' },
  )
}
