// Where a server listens and whom it lets in without a key.
import { describe, expect, it } from 'vitest'
import { type AnonymousUse, isLoopbackHost } from '../config/schema.ts'
import { type Exposure, anonymousUse, assertExposure } from './exposure.ts'

const hosts = ['127.0.0.1', '127.8.9.10', 'localhost', '::1', '0.0.0.0', '::', '192.168.1.2', 'box']
const uses: readonly AnonymousUse[] = ['off', 'local', 'all']
const cases = hosts.flatMap((host) =>
  uses.flatMap((anonymous) =>
    [true, false].map((open): Exposure => ({ server: { host, open }, auth: { anonymous } })),
  ),
)

function starts(exposure: Exposure): boolean {
  try {
    assertExposure(exposure)
    return true
  } catch {
    return false
  }
}

describe.each(cases)(
  'on $server.host, open $server.open, anonymous $auth.anonymous',
  (exposure) => {
    const { server, auth } = exposure
    const loopback = isLoopbackHost(server.host)

    it('starts unless strangers would be let in', () => {
      expect(starts(exposure)).toBe(loopback || (!server.open && auth.anonymous !== 'all'))
    })

    it('lets in without a key only this machine', () => {
      const expected = loopback ? (server.open ? 'all' : auth.anonymous) : 'off'
      expect(anonymousUse(exposure)).toBe(expected)
    })
  },
)

describe('a refusal to start', () => {
  it('says what to leave out', () => {
    const exposure: Exposure = {
      server: { host: '0.0.0.0', open: true },
      auth: { anonymous: 'local' },
    }
    expect(() => assertExposure(exposure)).toThrow(/0\.0\.0\.0 .* Leave out --open/)
  })
})
