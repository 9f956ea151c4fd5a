// How limits are told to every client, whatever it speaks: the IETF's headers (draft-ietf-httpapi-ratelimit-headers-10).
import type { ToldLimit } from '../canonical/limit-standing.ts'
import type { WireHeaders } from '../wire/message.ts'

/** The draft's words for what is counted; tokens are not registered there. */
const UNITS = { requests: 'requests', tokens: 'tokens', calls: 'concurrent-requests' } as const

/** Empty where nothing is limited. */
export function standardLimitHeaders(limits: readonly ToldLimit[]): WireHeaders {
  if (limits.length === 0) return {}
  return {
    'ratelimit-policy': limits.map(policy).join(', '),
    ratelimit: limits.map(standing).join(', '),
  }
}

function policy({ name, counts, limit, periodMs }: ToldLimit): string {
  const window = periodMs === undefined ? '' : `;w=${periodMs / 1000}`
  return `"${name}";q=${limit};qu="${UNITS[counts]}"${window}`
}

function standing({ name, periodMs, remaining, resetMs }: ToldLimit): string {
  const reset = periodMs === undefined ? '' : `;t=${Math.ceil(resetMs / 1000)}`
  return `"${name}";r=${remaining}${reset}`
}
