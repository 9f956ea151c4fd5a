// What the words of an error add to its type: several kinds of trouble share `invalid_request_error` and 429.
import type { ErrorKind } from '../../canonical/errors.ts'
import { saysTooLong } from '../error-text.ts'

/** Lower case; each is a wording of the vendor or of a server that speaks its protocol. */
const SPENT = [
  'credit balance is too low',
  'spend limit',
  'spending limit',
  'usage limits',
  'billing',
  'insufficient_quota',
]

const BLOCKED = ['content filtering policy', 'content_filter', 'blocked by content', 'usage policy']

const SPENT_CODES: ReadonlySet<string> = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
  'linked_organization_billing_unavailable',
  'user_profile_billing_not_authorized',
  'user_profile_not_billable',
])

const TOO_LONG_CODES: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'exceed_context_size_error',
])

/** A kind made more precise by the error's own code or wording. */
export function refineKind(
  kind: ErrorKind,
  { code = '', message = '' }: { readonly code?: string; readonly message?: string },
): ErrorKind {
  if (SPENT_CODES.has(code)) return 'quota'
  if (TOO_LONG_CODES.has(code)) return 'context_length'
  const words = message.toLowerCase()
  const says = (phrases: readonly string[]): boolean =>
    phrases.some((phrase) => words.includes(phrase))
  if (kind === 'invalid_request') {
    if (saysTooLong(message)) return 'context_length'
    if (says(SPENT)) return 'quota'
    if (says(BLOCKED)) return 'content_policy'
  }
  if (kind === 'rate_limit' && says(SPENT)) return 'quota'
  return kind
}
