// Registration over the API: a private place is one that the configuration lists, whoever asks; and nothing is dialled to find out.
import { networkInterfaces } from 'node:os'
import { type Server, createServer } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../../test/fake-upstream.ts'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { completion } from '../../../test/openai-replies.ts'
import type { Happening } from '../../exchange/happening.ts'
import { type Json, isObject, parseJson } from '../../wire/json.ts'

const lab = (baseUrl: string): object => ({
  provider_type: 'custom',
  name: 'lab',
  base_url: baseUrl,
  models: ['m'],
})

/** Where the names of the test lead. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'internal.evil.test': ['10.0.0.5'],
  'mixed.evil.test': ['8.8.8.8', '127.0.0.1'],
  'meta.evil.test': ['169.254.169.254'],
  'self.evil.test': ['127.0.0.1'],
  'models.example': ['8.8.8.8'],
}

let opened: OpenGateway
let upstream: FakeUpstream
let asked: string[]
let connected: Happening[]

async function open(allow: string): Promise<void> {
  const { port } = new URL(upstream.url)
  const tuples = allow === '' ? [] : [{ scheme: 'http' as const, host: allow, port: Number(port) }]
  opened = await openGateway({
    config: { egress: { allow: tuples } },
    resolver: async (host) => {
      asked.push(host)
      const found = NAMES[host]
      if (found === undefined) throw new Error('unknown')
      return found.map((address) => ({ address, family: 4 }))
    },
    hear: (fact) => {
      if (fact.type === 'connected') connected.push(fact)
    },
  })
}

beforeEach(async () => {
  upstream = await openUpstream()
  asked = []
  connected = []
})
afterEach(async () => {
  await opened.close()
  await upstream.close()
})

async function post(path: string, body: object, headers: object = {}): Promise<Response> {
  return fetch(`${opened.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${path.startsWith('/api/providers') ? opened.adminToken : opened.clientKey}`,
      ...headers,
    },
    body: JSON.stringify(body),
  })
}

async function errorOf(answer: Response): Promise<Readonly<Record<string, Json | undefined>>> {
  const body = parseJson(await answer.text())
  const error = isObject(body) ? body['error'] : undefined
  return isObject(error) ? error : {}
}

describe('a registration of a private address over the API', () => {
  it('is taken where the configuration lists the place, and the provider answers', async () => {
    await open('127.0.0.1')
    upstream.reply(completion('pong'))
    expect((await post('/api/providers/register', lab(`${upstream.url}/v1`))).status).toBe(201)
    const answer = await post('/api/chat/multi', { message: 'ping', provider: 'lab', model: 'm' })
    expect(await answer.json()).toMatchObject({ response: 'pong', provider: 'lab' })
  })

  it('is taken from a proxy too: what counts is the list', async () => {
    await open('127.0.0.1')
    const forwarded = { 'x-forwarded-for': '203.0.113.9' }
    const answer = await post('/api/providers/register', lab(`${upstream.url}/v1`), forwarded)
    expect(answer.status).toBe(201)
  })

  it('is refused where it does not, with what to write', async () => {
    await open('')
    const answer = await post('/api/providers/register', lab(`${upstream.url}/v1`))
    expect(answer.status).toBe(422)
    expect(await errorOf(answer)).toMatchObject({
      code: 'address_forbidden',
      message: expect.stringContaining('egress.allow'),
    })
  })

  it('is taken at the usual address of a server that the catalog knows', async () => {
    await open('')
    const answer = await post('/api/providers/register', { provider_type: 'vllm', name: 'lab' })
    expect(answer.status).toBe(201)
  })

  it('is refused where a name leads inside, be it one address of several', async () => {
    await open('')
    for (const host of ['internal.evil.test', 'mixed.evil.test', 'meta.evil.test']) {
      const answer = await post('/api/providers/register', lab(`https://${host}/v1`))
      expect([host, answer.status]).toEqual([host, 422])
      expect((await errorOf(answer))['code']).toBe('address_forbidden')
    }
    expect(asked).toEqual(['internal.evil.test', 'mixed.evil.test', 'meta.evil.test'])
    expect(opened.gateway.manager.listProviders()).toEqual([])
  })

  it('never leads back to Patchbay itself, be it listed', async () => {
    await open('')
    const port = Number(new URL(opened.url).port)
    await opened.close()
    opened = await openGateway({
      config: {
        egress: { allow: [{ scheme: 'http', host: '127.0.0.1', port }] },
        server: { host: '127.0.0.1', port, allowedHosts: [], allowedOrigins: [], open: false },
      },
    })
    const answer = await post('/api/providers/register', lab(`${opened.url}/v1`))
    expect(answer.status).toBe(422)
    expect(await errorOf(answer)).toMatchObject({
      code: 'self_reference',
      message: expect.stringMatching(/itself/),
    })
  })

  it('is found out without a connection, at any address of this machine', async () => {
    await open('')
    const canaries = await Promise.all(ownAddresses().map(async (host) => canary(host)))
    expect(canaries.length).toBeGreaterThan(0)
    const hosts = canaries.flatMap(({ url, port }) => [
      url,
      `http://127.1:${port}`,
      `http://2130706433:${port}`,
      `http://0.0.0.0:${port}`,
      `http://localhost:${port}`,
      `http://[::ffff:127.0.0.1]:${port}`,
    ])
    for (const url of hosts) {
      const answer = await post('/api/providers/register', lab(`${url}/v1`))
      expect([url, answer.status]).toEqual([url, 422])
    }
    expect(connected).toEqual([])
    expect(canaries.map(({ seen }) => seen())).toEqual(canaries.map(() => 0))
    for (const { server } of canaries) server.close()
  })
})

function ownAddresses(): readonly string[] {
  const found = Object.values(networkInterfaces()).flatMap((places = []) => places)
  const usual = found
    .filter(({ address }) => !address.startsWith('fe80'))
    .map(({ address }) => address)
  return [...new Set(['127.0.0.1', '127.0.0.2', ...usual])]
}

interface Canary {
  readonly server: Server
  readonly url: string
  readonly port: number
  readonly seen: () => number
}

/** Somebody who listens and is not to be called. */
async function canary(host: string): Promise<Canary> {
  let seen = 0
  const server = createServer((socket) => {
    seen += 1
    socket.destroy()
  })
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const named = host.includes(':') ? `[${host}]` : host
  return { server, port, url: `http://${named}:${port}`, seen: () => seen }
}
