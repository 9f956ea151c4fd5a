// The code under which a client is told of a provider's failure: the same in every protocol, whatever the vendor calls it.
import { type GatewayError, isUnpaid } from '../canonical/errors.ts'

export interface ToldFailure {
  readonly code: string
  /** Where it is not the error's own. */
  readonly status?: number
}

/** The whole time was used up, not only a phase's. */
const OVERDUE: ReadonlySet<string> = new Set(['total_timeout', 'deadline_exceeded'])
/** Codes of ours that say all that a client may know. */
const OWN: ReadonlySet<string> = new Set([
  'upstream_protocol',
  'upstream_redirect_refused',
  'upstream_tls',
  'upstream_too_large',
  'upstream_truncated',
  'upstream_unreachable',
])
/** What broke off. */
const TRUNCATED: ReadonlySet<string> = new Set(['upstream_closed', 'empty_stream'])

/** Undefined where the failure is the client's own affair, and the vendor's word for it is the best. */
export function upstreamCode(error: GatewayError): ToldFailure | undefined {
  const { kind, origin, code = '' } = error
  if (origin !== 'upstream') return undefined
  switch (kind) {
    case 'auth':
    case 'permission':
      return { code: 'upstream_auth_failed', status: 502 }
    case 'quota':
      return isUnpaid(error)
        ? { code: 'upstream_billing', status: 402 }
        : { code: 'upstream_quota_exhausted', status: 429 }
    case 'rate_limit':
      return { code: 'upstream_rate_limited' }
    case 'overloaded':
      return { code: 'upstream_overloaded', status: 503 }
    case 'timeout':
      return { code: OVERDUE.has(code) ? 'deadline_exceeded' : 'upstream_timeout' }
    case 'upstream':
      if (OWN.has(code)) return { code }
      return { code: TRUNCATED.has(code) ? 'upstream_truncated' : 'upstream_bad_response' }
    case 'internal':
      return { code: 'upstream_error', status: 502 }
    default:
      return undefined
  }
}
