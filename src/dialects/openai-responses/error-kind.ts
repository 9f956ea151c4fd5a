// Which kind a failure is: by its code or type, then by what its message says, then by its status.
import { type ErrorKind, kindOfStatus } from '../../canonical/errors.ts'
import type { Failure } from './failure.ts'

const WORDS = new Map<string, ErrorKind>([
  ['context_length_exceeded', 'context_length'],
  ['insufficient_quota', 'quota'],
  ['billing_hard_limit_reached', 'quota'],
  ['credit_balance_exhausted', 'quota'],
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
  ['previous_response_not_found', 'not_found'],
  ['conflict', 'conflict'],
  ['request_too_large', 'request_too_large'],
  ['content_filter', 'content_policy'],
  ['content_policy_violation', 'content_policy'],
  ['image_content_policy_violation', 'content_policy'],
  ['bio_policy', 'content_policy'],
  ['invalid_prompt', 'content_policy'],
  ['unsupported_parameter', 'unsupported'],
  ['unsupported_value', 'unsupported'],
  ['server_is_overloaded', 'overloaded'],
  ['slow_down', 'overloaded'],
  ['overloaded_error', 'overloaded'],
  ['service_unavailable_error', 'overloaded'],
  ['timeout', 'timeout'],
  ['vector_store_timeout', 'timeout'],
  ['upstream_error', 'upstream'],
  ['cancelled', 'cancelled'],
])

/** Words that say little: they count where no status does, as inside a stream. */
const BROAD_WORDS = new Map<string, ErrorKind>([
  ['invalid_request_error', 'invalid_request'],
  ['server_error', 'internal'],
])

/** A message counts only where the status leaves room for the kind. */
const PHRASES: readonly (readonly [kind: ErrorKind, phrases: readonly string[]])[] = [
  [
    'context_length',
    [
      'exceeds the context window',
      'maximum context length',
      "model's context length",
      'prompt is too long',
    ],
  ],
  ['auth', ['incorrect api key', 'invalid api key']],
  ['quota', ['exceeded your current quota', 'insufficient credits']],
]

/** `status` is that of the HTTP answer; below 400 the failure came inside a success. */
export function errorKind(status: number, failure: Failure): ErrorKind {
  const words = [failure.code, failure.type].map((word) => word?.toLowerCase() ?? '')
  const known = words.map((word) => WORDS.get(word)).find((kind) => kind !== undefined)
  if (known !== undefined) return known
  const message = failure.message.toLowerCase()
  const spoken = PHRASES.find(([, phrases]) => phrases.some((phrase) => message.includes(phrase)))
  if (spoken !== undefined && status < 500) return spoken[0]
  if (status >= 400 && status < 600) return kindOfStatus(status)
  const broad = words.map((word) => BROAD_WORDS.get(word)).find((kind) => kind !== undefined)
  return broad ?? (isAboutInput(words) ? 'invalid_request' : 'upstream')
}

/** `invalid_image`, `image_too_large`, `unsupported_image_media_type` ... */
function isAboutInput(words: readonly string[]): boolean {
  return words.some((word) => word.startsWith('invalid_') || word.includes('image'))
}
