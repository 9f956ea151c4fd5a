// Failures of Patchbay's own credential, as the outside sees them.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { asSeenOutside } from './own-account.ts'

describe('asSeenOutside', () => {
  it.each(['auth', 'permission', 'quota'] as const)(
    'hides what a provider says of our account: %s',
    (kind) => {
      const told = new GatewayError(kind, 'key sk-1 of org-2 is bad', { origin: 'upstream' })
      const seen = asSeenOutside(told)
      expect(seen).toMatchObject({ kind: 'upstream', status: 502, code: `provider_${kind}` })
      expect(seen.message).not.toContain('sk-1')
    },
  )

  it('leaves what concerns the client, and what is wrong in between', () => {
    const own = new GatewayError('auth', 'Your key is bad.', { origin: 'client' })
    const busy = new GatewayError('overloaded', 'busy', { origin: 'upstream' })
    expect(asSeenOutside(own)).toBe(own)
    expect(asSeenOutside(busy)).toBe(busy)
  })
})
