// Where a server listens and whom it lets in without a key.
import { describe, expect, it } from 'vitest'
import { type AnonymousUse, isLoopbackHost } from '../config/schema.ts'
import { type Exposure, anonymousUse, assertExposure } from './exposure.ts'

const hosts = ['127.0.0.1', '127.8.9.10', 'localhost', '::1', '0.0.0.0', '::', '192.168.1.2', 'box']
const uses: readonly AnonymousUse[] = ['off', 'local', 'all']
const TLS = { cert: 'cert.pem', key: 'key.pem' }
const ways = [{}, { tls: TLS }, { behindProxy: [{ bytes: [10, 0, 0, 0], bits: 8 }] }]
const cases = hosts.flatMap((host) =>
  uses.flatMap((anonymous) =>
    [true, false].flatMap((open) =>
      ways.map((way): Exposure => ({ server: { host, open, ...way }, auth: { anonymous } })),
    ),
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

    const isSafe = server.tls !== undefined || server.behindProxy !== undefined

    it('starts unless strangers would be let in, or keys be read on their way', () => {
      const isClosed = !server.open && auth.anonymous !== 'all'
      expect(starts(exposure)).toBe(loopback || (isClosed && isSafe))
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

describe('an address of the admin alone', () => {
  it('needs TLS, or a proxy that speaks it, where others can reach it', () => {
    const server = { host: '127.0.0.1', open: false }
    const auth = { anonymous: 'local' as const }
    const at = (host: string, more: object = {}): boolean =>
      starts({ server: { ...server, ...more }, auth, admin: { host, port: 8788 } })
    expect([at('127.0.0.1'), at('0.0.0.0'), at('0.0.0.0', { tls: TLS })]).toEqual([
      true,
      false,
      true,
    ])
  })
})
