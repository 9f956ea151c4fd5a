// Which kind a failure is: by its code or type, then by what its message says, then by its status.
import { type ErrorKind, kindOfStatus } from '../../canonical/errors.ts'
import { saysTooLong } from '../error-text.ts'
import type { Failure } from './failure.ts'

const WORDS = new Map<string, ErrorKind>([
  ['context_length_exceeded', 'context_length'],
  ['exceed_context_size_error', 'context_length'],
  ['too_many_prompt_tokens', 'context_length'],
  ['insufficient_quota', 'quota'],
  ['billing_hard_limit_reached', 'quota'],
  ['credit_balance_exhausted', 'quota'],
  ['insufficient_balance', 'quota'],
  ['rate_limit_exceeded', 'rate_limit'],
  ['rate_limit_error', 'rate_limit'],
  ['invalid_api_key', 'auth'],
  ['authentication_error', 'auth'],
  ['permission_error', 'permission'],
  ['permission_denied', 'permission'],
  ['data_residency_mismatch', 'permission'],
  ['unsupported_country_region_territory', 'permission'],
  ['model_not_found', 'not_found'],
  ['not_found_error', 'not_found'],
  ['not_found', 'not_found'],
  ['notfounderror', 'not_found'],
  ['deploymentnotfound', 'not_found'],
  ['conflict', 'conflict'],
  ['request_too_large', 'request_too_large'],
  ['content_filter', 'content_policy'],
  ['content_policy_violation', 'content_policy'],
  ['image_content_policy_violation', 'content_policy'],
  ['bio_policy', 'content_policy'],
  ['invalid_prompt', 'content_policy'],
  ['unsupported_parameter', 'unsupported'],
  ['unsupported_value', 'unsupported'],
  ['not_supported_error', 'unsupported'],
  ['server_is_overloaded', 'overloaded'],
  ['slow_down', 'overloaded'],
  ['capacity_exceeded', 'overloaded'],
  ['overloaded_error', 'overloaded'],
  ['service_unavailable_error', 'overloaded'],
  ['unavailable_error', 'overloaded'],
  ['timeout', 'timeout'],
  ['upstream_error', 'upstream'],
  ['cancelled', 'cancelled'],
])

/** A message counts only where the status leaves room for the kind. */
const PHRASES: readonly {
  readonly kind: ErrorKind
  readonly said: (text: string) => boolean
  readonly statuses: (status: number) => boolean
}[] = [
  {
    kind: 'context_length',
    said: saysTooLong,
    statuses: (status) => [400, 403, 413, 422].includes(status) || status < 400 || status >= 500,
  },
  {
    kind: 'auth',
    said: anyOf(['incorrect api key', 'invalid api key', 'api key not valid']),
    statuses: (status) => status < 500 && status !== 429,
  },
  {
    kind: 'quota',
    said: anyOf(['insufficient balance', 'insufficient credits', 'exceeded your current quota']),
    statuses: (status) => status < 500,
  },
  {
    kind: 'content_policy',
    said: anyOf(['violates usage guidelines', 'flagged_input', 'content management policy']),
    statuses: (status) => status < 500,
  },
]

function anyOf(phrases: readonly string[]): (text: string) => boolean {
  return (text) => phrases.some((phrase) => text.includes(phrase))
}

export function errorKind(httpStatus: number, failure: Failure): ErrorKind {
  const status = httpStatus >= 400 ? httpStatus : (failure.number ?? httpStatus)
  const word = [failure.code, failure.type]
    .map((one) => WORDS.get(one?.toLowerCase() ?? ''))
    .find((kind) => kind !== undefined)
  if (word !== undefined) return word
  const text = `${failure.message} ${failure.hint ?? ''}`.toLowerCase()
  const spoken = PHRASES.find(({ said, statuses }) => statuses(status) && said(text))
  if (spoken !== undefined) return spoken.kind
  if (status >= 400 && status < 600) return kindOfStatus(status)
  return KINDS_OF_TYPE.get(failure.type?.toLowerCase() ?? '') ?? 'upstream'
}

/** Types that say little: they count where no status does, as inside a stream. */
const KINDS_OF_TYPE = new Map<string, ErrorKind>([
  ['invalid_request_error', 'invalid_request'],
  ['badrequesterror', 'invalid_request'],
  ['server_error', 'internal'],
  ['internalservererror', 'internal'],
])
