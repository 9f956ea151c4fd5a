// Host, path, upgrade and Origin: who gets in before anybody is asked for a key.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { inbound } from '../../test/server-fakes.ts'
import { Perimeter, upgradeRefusal, parseTarget, preflightHeaders } from './perimeter.ts'

const perimeter = new Perimeter({
  host: '127.0.0.1',
  allowedHosts: ['gateway.example', 'ported.example:9000'],
  allowedOrigins: ['https://app.example'],
})

function refusalOf(run: () => unknown): GatewayError {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error('nothing was refused')
}

function hostRefusal(host: string | readonly string[]): GatewayError {
  return refusalOf(() => perimeter.assertHost(inbound({ headers: { host } })))
}

describe('the Host header', () => {
  it.each([
    'localhost',
    'localhost:8787',
    'LocalHost:8787',
    '127.0.0.1:8787',
    '127.0.0.1:1',
    '[::1]:8787',
    'gateway.example',
    'gateway.example:443',
    'ported.example:9000',
  ])('may be %s', (host) => {
    expect(perimeter.assertHost(inbound({ headers: { host } }))).toBe(host.toLowerCase())
  })

  it.each([
    'evil.test',
    'evil.test:8787',
    'localhost.evil.test',
    '0.0.0.0:8787',
    '[::ffff:127.0.0.1]:8787',
    '192.168.0.1:8787',
    'ported.example:9001',
    '127.0.0.1.evil.test',
  ])('may not be %s: 421', (host) => {
    expect(hostRefusal(host)).toMatchObject({ status: 421, code: 'host_not_allowed' })
  })

  it.each([
    '',
    'localhost.',
    'localhost.:8787',
    'x/v1/models?',
    'a#b',
    '127.0.0.1:8787@evil.test',
    'user@localhost',
    'localhost:8787:9',
    'localhost:port',
    'localhost ',
    'local host',
    '::1',
    '-localhost',
    'localhost\\evil',
    'localhost%00',
  ])('is not well-formed as %j: 400', (host) => {
    expect(hostRefusal(host)).toMatchObject({ status: 400, code: 'bad_host' })
  })

  it('must come exactly once', () => {
    expect(hostRefusal(['localhost', 'localhost']).status).toBe(400)
    expect(hostRefusal([]).status).toBe(400)
  })

  it('may be the address the server was told to listen on', () => {
    const elsewhere = new Perimeter({ host: '::2', allowedHosts: [], allowedOrigins: [] })
    expect(elsewhere.assertHost(inbound({ headers: { host: '[::2]:8787' } }))).toBe('[::2]:8787')
  })
})

describe('the Origin', () => {
  const host = 'localhost:8787'
  const check = (headers: Readonly<Record<string, string>>): unknown =>
    perimeter.assertOrigin(inbound({ headers }), host)

  it('is not needed, and no header is added then', () => {
    expect(check({})).toEqual({})
  })

  it('may be a page of this server', () => {
    expect(check({ origin: 'http://localhost:8787' })).toEqual({})
  })

  it('may be a listed one, which is told that it may read the answer', () => {
    expect(check({ origin: 'https://app.example' })).toEqual({
      'access-control-allow-origin': 'https://app.example',
      vary: 'origin',
    })
  })

  it.each([
    'https://evil.test',
    'null',
    'https://127.0.0.1.evil.test',
    'http://localhost:9999',
    'https://app.example.evil.test',
    'http://app.example',
    '',
  ])('may not be %j', (origin) => {
    expect(refusalOf(() => check({ origin }))).toMatchObject({
      status: 403,
      code: 'origin_not_allowed',
    })
  })

  it('is known to be foreign where a browser says so without naming it', () => {
    expect(refusalOf(() => check({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(refusalOf(() => check({ 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect(check({ 'sec-fetch-site': 'same-origin' })).toEqual({})
    expect(check({ 'sec-fetch-site': 'none' })).toEqual({})
  })

  it('does not matter for a link to a page', () => {
    expect(check({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toEqual({})
  })
})

describe('parseTarget', () => {
  it('takes path and query apart', () => {
    const { path, query } = parseTarget('/v1/models?a=1&b=x%2Fy?z')
    expect(path).toBe('/v1/models')
    expect([...query]).toEqual([
      ['a', '1'],
      ['b', 'x/y?z'],
    ])
  })

  it.each([
    ['/v1//models', '/v1/models'],
    ['//v1/models/', '/v1/models'],
    ['/', '/'],
    ['//', '/'],
    ['/v1/models/a%2Fb', '/v1/models/a%2Fb'],
  ])('reads %s as %s', (url, path) => {
    expect(parseTarget(url).path).toBe(path)
  })

  it.each([
    '',
    '*',
    'http://localhost/v1/models',
    '/v1/../api/status',
    '/v1/%2e%2e/api/status',
    '/v1/./models',
    '/v1\\models',
    '/v1/%00',
    '/v1/%zz',
    '/v1/%ff',
    '/v1/mod els',
    '/v1/models#x',
    '/v1/modèles',
  ])('refuses %j', (url) => {
    expect(refusalOf(() => parseTarget(url))).toMatchObject({ status: 400, code: 'bad_path' })
  })
})

describe('a WebSocket', () => {
  it('is refused at once', () => {
    const asking = inbound({ headers: { upgrade: 'WebSocket', connection: 'upgrade' } })
    expect(upgradeRefusal(asking)).toMatchObject({ status: 426, retryable: false })
  })

  it('is the only upgrade that matters: HTTP/2 is only offered', () => {
    expect(upgradeRefusal(inbound({ headers: { upgrade: 'h2c' } }))).toBeUndefined()
    expect(upgradeRefusal(inbound())).toBeUndefined()
  })
})

describe('a preflight', () => {
  it('names the methods and never allows credentials or every origin', () => {
    const headers = preflightHeaders(['GET', 'POST'])
    expect(headers['access-control-allow-methods']).toBe('GET, POST')
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
    expect(Object.values(headers)).not.toContain('*')
  })
})
