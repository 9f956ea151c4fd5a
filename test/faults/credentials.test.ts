// Keys that a provider refuses, limits and wants money for: another key is used, the client is told of nothing of its own, and no key is seen.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Happening } from '../../src/exchange/happening.ts'
import type { Rotation } from '../../src/exchange/credential.ts'
import type { ResilienceOptions } from '../../src/resilience/resilience-options.ts'
import { type Json, ObjectReader, isObject, parseJson } from '../../src/wire/json.ts'
import { type FakeUpstream, type ScriptedReply, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { completion, json } from '../openai-replies.ts'

const KEYS = ['sk-canary-1111', 'sk-canary-2222', 'sk-canary-3333'] as const
const HELLO = [{ role: 'user', content: 'Hi' }]

let upstream: FakeUpstream
let other: FakeUpstream
let gateway: OpenGateway
let facts: Happening[]
/** What the upstream says to a key; others are good. */
let replies: Map<string, ScriptedReply>

interface Setup {
  readonly keys?: number
  readonly rotation?: Rotation
  readonly resilience?: ResilienceOptions
}

async function open({ keys = 2, rotation = 'priority', resilience }: Setup = {}): Promise<void> {
  gateway = await openGateway({
    config: resilience === undefined ? {} : { resilience },
    providers: [
      {
        providerType: 'custom',
        name: 'a',
        baseUrl: `${upstream.url}/v1`,
        models: ['m'],
        apiKeys: KEYS.slice(0, keys).map((key) => ({ key })),
        keyRotation: rotation,
      },
      {
        providerType: 'custom',
        name: 'b',
        baseUrl: `${other.url}/v1`,
        models: ['m'],
        apiKey: 'sk-b',
      },
    ],
  })
  facts = []
  gateway.gateway.manager.happenings.listen((fact) => facts.push(fact))
}

beforeEach(async () => {
  upstream = await openUpstream()
  other = await openUpstream()
  replies = new Map()
  upstream.answer(({ headers, method }) => {
    const key = (headers.authorization ?? '').replace('Bearer ', '')
    if (method === 'GET' && !replies.has(key)) return json({ data: [{ id: 'm' }] })
    return replies.get(key) ?? completion(`By ${KEYS.findIndex((one) => one === key) + 1}.`)
  })
  other.answer(() => completion('From b.'))
})

afterEach(async () => {
  await gateway.close()
  await upstream.close()
  await other.close()
})

async function ask(model = 'a/m', path = '/v1/chat/completions'): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.clientKey}` },
    body: JSON.stringify({ model, messages: HELLO, message: 'Hi', max_tokens: 9, stream: false }),
  })
}

interface Told {
  readonly status: number
  readonly text: string
  readonly trail: string | null
  readonly code: string | null
  readonly retry: string | null
}

async function told(response: Response): Promise<Told> {
  const { status, headers } = response
  return {
    status,
    text: await response.text(),
    trail: headers.get('x-patchbay-trail'),
    code: headers.get('x-patchbay-error'),
    retry: headers.get('x-should-retry'),
  }
}

async function admin(method: string, path: string, body?: Json): Promise<Json> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.adminToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const value = parseJson(await response.text())
  return isObject(value) ? { status: response.status, ...value } : value
}

function factsOf(type: Happening['type']): readonly Happening[] {
  return facts.filter((fact) => fact.type === type)
}

function chats(upstreamOf: FakeUpstream): number {
  return upstreamOf.requests.filter(({ method }) => method === 'POST').length
}

const UNKNOWN = json(
  {
    error: { message: 'Incorrect API key provided: sk-canary-****1111.', code: 'invalid_api_key' },
  },
  401,
)
const UNPAID = json({ error: { message: 'Pay for sk-canary-****1111.' } }, 402)
const USED_UP = json(
  { error: { message: 'You exceeded your current quota.', code: 'insufficient_quota' } },
  429,
)
const SPENT = json(
  {
    type: 'error',
    error: {
      type: 'rate_limit_error',
      message: 'Spend limit.',
      details: { error_code: 'enforced_spend_limit_reached' },
    },
  },
  429,
)
const FORBIDDEN = json({ error: { message: 'No access for sk-canary-****1111.' } }, 403)
const LIMITED: ScriptedReply = {
  ...json({ error: { message: 'Slow down.' } }, 429),
  headers: { 'retry-after': '30' },
}

describe('F031 401 from the provider', () => {
  it('another key answers, the refused one is quarantined and not used again', async () => {
    await open()
    replies.set(KEYS[0], UNKNOWN)
    const first = await told(await ask())
    expect([first.status, first.trail]).toEqual([200, 'a/m#k1=invalid_api_key; a/m#k2=ok'])
    expect(factsOf('credential-quarantined')).toEqual([
      {
        type: 'credential-quarantined',
        provider: 'a',
        credential: 'k1',
        generation: 1,
        reason: 'auth',
      },
    ])
    expect((await told(await ask())).trail).toBe('a/m#k2=ok')
  })

  it('another key is tried once, then another target', async () => {
    await open({ keys: 3 })
    replies.set(KEYS[0], UNKNOWN).set(KEYS[1], UNKNOWN)
    gateway.gateway.manager.routes.set({
      name: 'smart',
      targets: [{ model: 'a/m' }, { model: 'b/m' }],
    })
    const { status, trail } = await told(await ask('smart'))
    expect([status, trail]).toEqual([
      200,
      'a/m#k1=invalid_api_key; a/m#k2=invalid_api_key; b/m#k1=ok',
    ])
  })

  it.each([
    '/v1/chat/completions',
    '/v1/messages',
    '/mistral/v1/chat/completions',
    '/ollama/api/chat',
    '/api/chat',
  ])('with no key left a client at %s sees 502 and nothing of the key', async (path) => {
    await open({ keys: 1 })
    replies.set(KEYS[0], UNKNOWN)
    for (const requests of [1, 1]) {
      const { status, text, code, retry } = await told(await ask('a/m', path))
      expect([status, code, retry]).toEqual([502, 'upstream_auth_failed', 'false'])
      expect(text).not.toMatch(/canary|1111|Incorrect/)
      expect(chats(upstream)).toBe(requests)
    }
  })

  it('the key is used again once it is changed, lifted, or a free check succeeds', async () => {
    await open({ keys: 1 })
    const refuse = async (): Promise<void> => {
      replies.set(KEYS[0], UNKNOWN)
      expect((await ask()).status).toBe(502)
      replies.clear()
      expect((await ask()).status).toBe(502)
    }
    await refuse()
    expect(await admin('POST', '/api/providers/a/credentials/k1/lift')).toMatchObject({
      lifted: true,
      credentials: [{ name: 'k1', state: 'ok' }],
    })
    expect((await ask()).status).toBe(200)
    await refuse()
    await admin('PUT', '/api/providers/a/credentials/k1', { api_key: KEYS[1] })
    expect((await told(await ask())).text).toContain('By 2.')
    replies.set(KEYS[1], UNKNOWN)
    expect((await ask()).status).toBe(502)
    replies.clear()
    expect(await admin('GET', '/api/providers/health')).toMatchObject({
      providers: {
        a: { healthy: true, credentials: [{ name: 'k1', generation: 2, state: 'ok' }] },
      },
    })
    expect((await ask()).status).toBe(200)
  })

  it('health and the list of providers show each key by its label, with state and reason', async () => {
    await open()
    replies.set(KEYS[0], UNKNOWN)
    await ask()
    const listed = await admin('GET', '/api/providers')
    expect(listed).toMatchObject({
      providers: [
        {
          name: 'a',
          has_key: true,
          credentials: [
            { name: 'k1', state: 'quarantined', reason: 'auth', since: expect.any(String) },
            { name: 'k2', state: 'ok' },
          ],
        },
        { name: 'b' },
      ],
    })
    expect(JSON.stringify(listed)).not.toContain('canary')
  })
})

describe('F032 402 from the provider', () => {
  it('another key answers; with none left the client sees 402 and is told not to try again', async () => {
    await open()
    replies.set(KEYS[0], UNPAID)
    expect((await told(await ask())).trail).toBe('a/m#k1=quota; a/m#k2=ok')
    replies.set(KEYS[1], UNPAID)
    const last = await told(await ask())
    expect([last.status, last.code, last.retry]).toEqual([402, 'upstream_billing', 'false'])
    expect(last.text).not.toMatch(/canary|1111/)
    expect(factsOf('credential-quarantined')).toMatchObject([
      { credential: 'k1', reason: 'billing' },
      { credential: 'k2', reason: 'billing' },
    ])
    const before = chats(upstream)
    expect((await ask()).status).toBe(402)
    expect(chats(upstream)).toBe(before)
  })

  it('with Retry-After it is waited for like any limit, and blamed on no key', async () => {
    await open({ keys: 1 })
    upstream.reply({ ...UNPAID, headers: { 'retry-after': '0' } })
    const { status, trail } = await told(await ask())
    expect([status, trail]).toEqual([200, 'a/m#k1=quota; a/m#k1=ok'])
    expect(factsOf('credential-quarantined')).toEqual([])
  })
})

describe('F033 403 from the provider', () => {
  it('for want of scope another key answers, and the refused one comes last for that model', async () => {
    await open()
    replies.set(KEYS[0], FORBIDDEN)
    expect((await told(await ask())).trail).toBe('a/m#k1=permission; a/m#k2=ok')
    expect((await told(await ask())).trail).toBe('a/m#k2=ok')
    expect(factsOf('credential-quarantined')).toMatchObject([{ reason: 'permission', model: 'm' }])
  })

  it('with no other key the client sees 502, and the next call is asked all the same', async () => {
    await open({ keys: 1 })
    replies.set(KEYS[0], FORBIDDEN)
    const { status, code, text } = await told(await ask())
    expect([status, code]).toEqual([502, 'upstream_auth_failed'])
    expect(text).not.toContain('1111')
    replies.clear()
    expect((await ask()).status).toBe(200)
  })

  it('for its content it is the client’s, and nobody else is asked', async () => {
    await open()
    gateway.gateway.manager.routes.set({
      name: 'smart',
      targets: [{ model: 'a/m' }, { model: 'b/m' }],
    })
    replies.set(
      KEYS[0],
      json({ error: { message: 'Flagged.', code: 'content_policy_violation' } }, 403),
    )
    const { status } = await told(await ask('smart'))
    expect([status, chats(upstream), chats(other)]).toEqual([403, 1, 0])
  })
})

describe('F046 a quota that is used up', () => {
  it.each([
    ['of OpenAI', USED_UP],
    ['of Anthropic', SPENT],
  ])('%s: one request, 429 upstream_quota_exhausted, and the key rests', async (_whose, reply) => {
    await open({ keys: 1 })
    await admin('DELETE', '/api/providers/a')
    gateway.gateway.manager.registerProvider({
      providerType: 'custom',
      name: 'a',
      baseUrl: reply === SPENT ? upstream.url : `${upstream.url}/v1`,
      models: ['m'],
      apiKey: KEYS[0],
      settings: {
        dialect: reply === SPENT ? 'anthropic-messages' : 'openai-chat',
        auth: 'bearer',
      },
    })
    replies.set(KEYS[0], reply)
    for (const requests of [1, 1]) {
      const { status, code, retry } = await told(await ask())
      expect([status, code, retry]).toEqual([429, 'upstream_quota_exhausted', 'false'])
      expect(chats(upstream)).toBe(requests)
    }
    expect(factsOf('credential-exhausted')).toEqual([
      {
        type: 'credential-exhausted',
        provider: 'a',
        credential: 'k1',
        generation: 1,
        forMs: 900_000,
      },
    ])
    expect(gateway.gateway.manager.keys.standing('a')).toMatchObject([{ state: 'cooling' }])
  })
})

describe('F040 a limit of one key', () => {
  it('cools that key alone', async () => {
    await open()
    replies.set(KEYS[0], LIMITED)
    const first = await told(await ask())
    expect([first.status, first.trail]).toEqual([200, 'a/m#k1=rate_limit; a/m#k2=ok'])
    expect((await told(await ask())).trail).toBe('a/m#k2=ok')
    const { targets } = gateway.gateway.manager
    const cooling = ['k1', 'k2'].map(
      (credential) => targets.standing({ provider: 'a', model: 'm', credential }).coolingMs > 0,
    )
    expect(cooling).toEqual([true, false])
  })
})

describe('the turns of several keys', () => {
  it('go round', async () => {
    await open({ rotation: 'round-robin' })
    const texts = []
    for (let count = 0; count < 4; count += 1) texts.push((await told(await ask())).trail)
    expect(texts).toEqual(['a/m#k1=ok', 'a/m#k2=ok', 'a/m#k1=ok', 'a/m#k2=ok'])
  })
})

describe('F137 a key that is changed under load', () => {
  it('no client sees it, and the old key is not used from then on', async () => {
    await open({ keys: 1 })
    let isOld = true
    let changedAt = 0
    let late = 0
    upstream.answer(({ headers }) => {
      const isFormer = headers.authorization === `Bearer ${KEYS[0]}`
      if (isFormer && !isOld) late = performance.now() - changedAt
      return isFormer && !isOld ? UNKNOWN : completion('Yes.')
    })
    const statuses: number[] = []
    const client = async (): Promise<void> => {
      for (let count = 0; count < 25; count += 1) {
        const response = await ask()
        statuses.push(response.status)
        await response.text()
        if (statuses.length !== 200) continue
        await admin('PUT', '/api/providers/a/credentials/k1', { api_key: KEYS[1] })
        isOld = false
        changedAt = performance.now()
      }
    }
    await Promise.all(Array.from({ length: 16 }, client))
    expect(statuses).toHaveLength(400)
    expect(new Set(statuses)).toEqual(new Set([200]))
    // What was on its way then is refused by the provider, and asked again with the new key.
    expect(late).toBeLessThan(1000)
    expect(factsOf('credential-replaced')).toMatchObject([{ credential: 'k1', generation: 2 }])
    const generations = facts.flatMap((fact) =>
      fact.type === 'attempt-answered' ? [fact.generation] : [],
    )
    expect(new Set(generations)).toEqual(new Set([1, 2]))
  })
})

it('a used key is nowhere: in no answer, fact or trail', async () => {
  await open()
  replies.set(KEYS[0], UNKNOWN).set(KEYS[1], UNPAID)
  const response = await ask()
  const seen = JSON.stringify([await response.text(), [...response.headers], facts])
  expect(KEYS.filter((key) => seen.includes(key))).toEqual([])
  const reader = ObjectReader.of(await admin('GET', '/api/providers/health'), '')
  expect(JSON.stringify(reader.source)).not.toContain('sk-canary')
})
