// What went wrong with an attempt, in one word of a closed list: for metrics, records and tests.
import type { GatewayError } from '../canonical/errors.ts'

export type FailureCause =
  | 'auth'
  | 'billing'
  | 'bad_request'
  | 'cancelled'
  | 'connect_timeout'
  | 'content_policy'
  | 'context_length'
  | 'deadline'
  | 'dns'
  | 'connect_refused'
  | 'error_in_200'
  | 'forbidden'
  | 'http_408'
  | 'http_409'
  | 'http_425'
  | 'http_429'
  | 'http_4xx_other'
  | 'http_500'
  | 'http_502'
  | 'http_503'
  | 'http_504'
  | 'http_529'
  | 'http_5xx'
  | 'idle_timeout'
  | 'in_band_error'
  | 'internal'
  | 'limit'
  | 'not_found'
  | 'parse'
  | 'protocol'
  | 'reset'
  | 'tls'
  | 'too_large'
  | 'total_timeout'
  | 'truncated'
  | 'ttft_timeout'
  | 'unreachable'
  | 'unsupported'

const BY_CODE: Readonly<Record<string, FailureCause>> = {
  connect_timeout: 'connect_timeout',
  first_byte_timeout: 'ttft_timeout',
  idle_timeout: 'idle_timeout',
  total_timeout: 'total_timeout',
  caller_timeout: 'deadline',
  upstream_bad_body: 'parse',
  upstream_bad_http: 'protocol',
  upstream_closed: 'reset',
  upstream_tls: 'tls',
  upstream_truncated: 'truncated',
  provider_rate_limit: 'limit',
}

export function failureCause(error: GatewayError): FailureCause {
  const { kind, code, upstream, cause } = error
  if (code === 'upstream_unreachable') return unreachable(cause)
  const known = code === undefined ? undefined : BY_CODE[code]
  if (known !== undefined) return known
  switch (kind) {
    case 'auth':
      return 'auth'
    case 'quota':
      return 'billing'
    case 'permission':
      return 'forbidden'
    case 'content_policy':
    case 'context_length':
    case 'cancelled':
    case 'not_found':
    case 'unsupported':
      return kind
    case 'invalid_request':
      return 'bad_request'
    case 'request_too_large':
      return 'too_large'
    default:
      return upstream?.status === undefined ? unanswered(error) : answered(upstream.status)
  }
}

function unanswered({ origin }: GatewayError): FailureCause {
  return origin === 'upstream' ? 'in_band_error' : 'internal'
}

function answered(status: number): FailureCause {
  switch (status) {
    case 408:
      return 'http_408'
    case 409:
      return 'http_409'
    case 425:
      return 'http_425'
    case 429:
      return 'http_429'
    case 500:
      return 'http_500'
    case 502:
      return 'http_502'
    case 503:
      return 'http_503'
    case 504:
      return 'http_504'
    case 529:
      return 'http_529'
    default:
      if (status < 400) return 'error_in_200'
      return status < 500 ? 'http_4xx_other' : 'http_5xx'
  }
}

/** Of a connection that never was. */
function unreachable(cause: unknown): FailureCause {
  const text = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : ''
  if (text === 'ENOTFOUND' || text === 'EAI_AGAIN') return 'dns'
  return text === 'ECONNREFUSED' ? 'connect_refused' : 'unreachable'
}
