// Who may ask what over HTTP: without a key, from a page of another origin, on a server that was opened.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messages, protocols } from '../../test/chat-protocols.ts'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'
import { FakeProvider } from '../../test/server-fakes.ts'
import { StaffedGateway } from '../../test/staffed-gateway.ts'
import type { AnonymousUse } from '../config/schema.ts'

const staffed = new StaffedGateway()
const { ask } = staffed

beforeAll(async () => staffed.start())
afterAll(async () => staffed.close())

describe('a page of another origin', () => {
  it('is refused on every route, whatever key it has', async () => {
    for (const path of ['/v1/models', '/api/status', '/']) {
      const answer = await ask(path, {
        key: staffed.open.adminToken,
        headers: { origin: 'https://evil.test' },
      })
      expect(answer.status).toBe(403)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  })
})

const uses: readonly AnonymousUse[] = ['off', 'local', 'all']

describe.each(uses)('with anonymous use %s', (anonymous) => {
  let other: OpenGateway
  beforeAll(async () => {
    other = await openGateway({
      providers: [
        new FakeProvider({ name: 'home', local: true }),
        new FakeProvider({ name: 'cloud', local: false }),
      ],
      config: {
        auth: { anonymous },
        server: {
          host: '127.0.0.1',
          port: 0,
          allowedHosts: [],
          allowedOrigins: ['https://app.example'],
          open: false,
        },
      },
    })
  })
  afterAll(async () => {
    await other.close()
  })

  const allowed = {
    home: anonymous !== 'off',
    cloud: anonymous === 'all',
  }

  it.each(['home', 'cloud'] as const)(
    'the provider %s answers whom it should',
    async (provider) => {
      const model = `${provider}/tiny`
      for (const { name, path, body } of protocols) {
        const asked = { to: other, body: body(model) }
        const answer = await ask(path(model), asked)
        expect([name, answer.status]).toEqual([name, allowed[provider] ? 200 : 401])
        const keyed = await ask(path(model), { ...asked, key: other.clientKey })
        expect([name, keyed.status]).toEqual([name, 200])
      }
    },
  )

  it.each(['/v1/models', '/api/tags', '/api/providers/health'])(
    '%s shows what it should',
    async (path) => {
      const answer = await ask(path, { to: other })
      expect(answer.status).toBe(anonymous === 'off' ? 401 : 200)
      expect(answer.text.includes('cloud')).toBe(allowed.cloud)
    },
  )

  it('administration needs its token all the same', async () => {
    expect((await ask('/api/status', { to: other })).status).toBe(401)
  })

  it('asks for a key before it reads the body', async () => {
    if (anonymous !== 'off') return
    const answer = await ask('/v1/chat/completions', { to: other, body: 'not json' })
    expect(answer.status).toBe(401)
  })

  it('lets a listed page read the answers, but not administer', async () => {
    const headers = { origin: 'https://app.example' }
    const models = await ask('/v1/models', { to: other, key: other.clientKey, headers })
    expect(models.headers.get('access-control-allow-origin')).toBe('https://app.example')
    const preflight = await ask('/v1/chat/completions', { to: other, method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST')
    const status = await ask('/api/status', { to: other, key: other.adminToken, headers })
    expect(status.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a start', () => {
  it('with --open needs no key on loopback', async () => {
    const lifted = await openGateway({
      providers: [new FakeProvider({ name: 'cloud', local: false })],
      config: {
        server: { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], open: true },
      },
    })
    const answer = await ask('/v1/chat/completions', {
      to: lifted,
      body: { model: 'cloud/tiny', messages },
    })
    expect(answer.status).toBe(200)
    await lifted.close()
  })
})

describe('after all this', () => {
  it('no answer held a key of a provider or a token of ours', () => {
    expect(staffed.seen.length).toBeGreaterThan(60)
    expect(staffed.leaks()).toEqual([])
  })
})
