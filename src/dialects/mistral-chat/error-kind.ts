// Which kind a failure is: by its type or code, then by what its message says, then by its status.
import { type ErrorKind, kindOfStatus } from '../../canonical/errors.ts'
import type { Failure } from './failure.ts'

/** Types and codes, Mistral's own and those that we write for kinds it has no word for. */
const WORDS = new Map<string, ErrorKind>([
  ['1500', 'not_found'],
  ['3505', 'overloaded'],
  ['invalid_model', 'not_found'],
  ['service_tier_capacity_exceeded', 'overloaded'],
  ['internal_server_error', 'internal'],
  ['unsupported_value', 'unsupported'],
  ['invalid_api_key', 'auth'],
  ['permission_denied', 'permission'],
  ['conflict', 'conflict'],
  ['request_too_large', 'request_too_large'],
  ['context_length_exceeded', 'context_length'],
  ['rate_limit_exceeded', 'rate_limit'],
  ['rate_limited', 'rate_limit'],
  ['insufficient_quota', 'quota'],
  ['content_policy_violation', 'content_policy'],
  ['timeout', 'timeout'],
  ['upstream_error', 'upstream'],
  ['cancelled', 'cancelled'],
])

/** A message counts only where the status leaves room for the kind. */
const PHRASES: readonly {
  readonly kind: ErrorKind
  readonly phrases: readonly string[]
  readonly statuses: (status: number) => boolean
}[] = [
  {
    kind: 'context_length',
    phrases: ['maximum context length', 'too large for model', 'prompt is too long'],
    statuses: (status) => [400, 413, 422].includes(status) || status < 400,
  },
  {
    kind: 'content_policy',
    phrases: ['guardrail', 'moderation', 'content policy'],
    statuses: (status) => status === 403 || status <= 400,
  },
]

/** Inside a stream there is no status; the body may tell one. */
export function errorKind(httpStatus: number, failure: Failure): ErrorKind {
  const status = httpStatus >= 400 ? httpStatus : (failure.status ?? httpStatus)
  const word = [failure.type, failure.code]
    .map((one) => WORDS.get(one?.toLowerCase() ?? ''))
    .find((kind) => kind !== undefined)
  if (word !== undefined) return word
  const text = failure.message.toLowerCase()
  const spoken = PHRASES.find(
    ({ phrases, statuses }) => statuses(status) && phrases.some((phrase) => text.includes(phrase)),
  )
  if (spoken !== undefined) return spoken.kind
  if (status >= 400 && status < 600) return kindOfStatus(status)
  return failure.type?.startsWith('invalid_') === true ? 'invalid_request' : 'upstream'
}
