// Failures of Patchbay's own credential, as the outside sees them.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { asSeenOutside } from './own-account.ts'

describe('asSeenOutside', () => {
  it.each([
    ['auth', 401, { kind: 'upstream', status: 502, code: 'upstream_auth_failed' }],
    ['permission', 403, { kind: 'upstream', status: 502, code: 'upstream_auth_failed' }],
    ['quota', 402, { kind: 'quota', status: 402, code: 'upstream_billing' }],
    ['quota', 429, { kind: 'rate_limit', status: 429, code: 'upstream_quota_exhausted' }],
    ['quota', undefined, { status: 429, code: 'upstream_quota_exhausted' }],
  ] as const)('hides what a provider says of our account: %s (%s)', (kind, status, outside) => {
    const told = new GatewayError(kind, 'key sk-1 of org-2 is bad', {
      origin: 'upstream',
      upstream: status === undefined ? {} : { status },
    })
    const seen = asSeenOutside(told)
    expect(seen).toMatchObject(outside)
    expect(seen.message).not.toContain('sk-1')
    expect(asSeenOutside(seen).message).toBe(seen.message)
  })

  it('leaves what concerns the client, and what is wrong in between', () => {
    const own = new GatewayError('auth', 'Your key is bad.', { origin: 'client' })
    const busy = new GatewayError('overloaded', 'busy', { origin: 'upstream' })
    expect(asSeenOutside(own)).toBe(own)
    expect(asSeenOutside(busy)).toBe(busy)
  })
})
