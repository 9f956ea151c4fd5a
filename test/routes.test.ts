// Routes through the real gateway: fallback, order, reach, and what every client is told of it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StrategyName } from '../src/routing/route.ts'
import { type Json, ObjectReader, isObject, parseJson } from '../src/wire/json.ts'
import { type FakeUpstream, type ScriptedReply, openUpstream } from './fake-upstream.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { completion, contentChunk, frame, json, stream, streamed } from './openai-replies.ts'

const NAMES = ['a', 'b', 'c'] as const
type Name = (typeof NAMES)[number]

let upstreams: Readonly<Record<Name, FakeUpstream>>
let gateway: OpenGateway

beforeEach(async () => {
  upstreams = { a: await openUpstream(), b: await openUpstream(), c: await openUpstream() }
  for (const name of NAMES) upstreams[name].answer(() => completion(`From ${name}.`))
  gateway = await openGateway({
    providers: NAMES.map((name) => ({
      providerType: 'custom',
      name,
      baseUrl: `${upstreams[name].url}/v1`,
      models: ['m'],
      // a and b count as cloud, c as one on this machine.
      settings: { local: name === 'c' },
    })),
  })
})

afterEach(async () => {
  await gateway.close()
  await Promise.all(NAMES.map((name) => upstreams[name].close()))
})

function route(strategy: StrategyName, targets: readonly string[] = ['a/m', 'b/m']): void {
  gateway.gateway.manager.routes.set({
    name: 'smart',
    strategy,
    targets: targets.map((text) => {
      const [model = '', weight] = text.split('=')
      return weight === undefined ? { model } : { model, weight: Number(weight) }
    }),
  })
}

interface Sent {
  readonly path?: string
  readonly body?: { readonly [key: string]: Json }
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: string
}

const MESSAGES = [{ role: 'user', content: 'Hi' }]

async function ask(sent: Sent = {}): Promise<Response> {
  const { path = '/v1/chat/completions', body = {}, headers = {}, key = gateway.clientKey } = sent
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify({ model: 'smart', messages: MESSAGES, ...body }),
  })
}

function told(response: Response): readonly (string | null)[] {
  return ['provider', 'attempts', 'trail'].map((name) => response.headers.get(`x-patchbay-${name}`))
}

/** Who answers several calls, one after the other. */
async function answerers(times: number, sent: Sent = {}): Promise<readonly (string | null)[]> {
  const names: (string | null)[] = []
  for (let count = 0; count < times; count += 1) {
    const response = await ask(sent)
    await response.text()
    names.push(response.headers.get('x-patchbay-provider'))
  }
  return names
}

const FAILED: ScriptedReply = json({ error: { message: 'No room.' } }, 503)
const LIMITED: ScriptedReply = {
  ...json({ error: { message: 'Slow down.' } }, 429),
  headers: { 'retry-after': '30' },
}

describe('a target that cannot answer', () => {
  it.each([
    ['is overloaded', FAILED],
    ['has reached its limit', LIMITED],
    ['says an error inside its 200', json({ error: { message: 'x', code: 503 } })],
    ['closes without an answer', { chunks: [], ending: 'reset' } as const],
  ])('that %s: the next one answers, and the client is told', async (_what, reply) => {
    route('priority')
    upstreams.a.reply(reply)
    const response = await ask()
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('From b.')
    const [provider, attempts, trail] = told(response)
    expect([provider, attempts]).toEqual(['b', '2'])
    expect(trail).toMatch(/^a\/m=\w+; b\/m=ok$/)
  })

  it.each([
    ['dies before its first event', stream([], 'cut')],
    ['dies after a head without content', stream([': hello\n\n'], 'reset')],
    ['says an error inside its 200', stream([frame({ error: { message: 'x', code: 503 } })])],
  ])('whose stream %s: the next one answers', async (_what, reply) => {
    route('priority')
    upstreams.a.reply(reply)
    upstreams.b.reply(streamed(['From', ' b']))
    const response = await ask({ body: { stream: true } })
    const text = await response.text()
    expect(text).toContain('" b"')
    expect(text).toContain('[DONE]')
    expect(text).not.toContain('error')
    expect(told(response).slice(0, 2)).toEqual(['b', '2'])
  })

  it('after content is never continued elsewhere: the break is told in the stream', async () => {
    route('priority')
    upstreams.a.reply(stream([contentChunk('From a')], 'cut'))
    const response = await ask({ body: { stream: true } })
    const text = await response.text()
    expect(text).toContain('From a')
    expect(text).toContain('"error"')
    expect(text).not.toContain('"finish_reason":"stop"')
    expect(upstreams.b.requests).toEqual([])
    expect(told(response)).toEqual(['a', '1', 'a/m=ok'])
  })

  it('is not followed by another where the request itself is wrong', async () => {
    route('priority')
    upstreams.a.reply(json({ error: { message: 'No such role.' } }, 400))
    const response = await ask()
    expect(response.status).toBe(400)
    await response.text()
    expect(upstreams.b.requests).toEqual([])
    expect(response.headers.get('x-patchbay-attempts')).toBe('1')
  })
})

describe('the strategy', () => {
  it('round-robin asks each in turn', async () => {
    route('round-robin', ['a/m', 'b/m', 'c/m'])
    expect(await answerers(4)).toEqual(['a', 'b', 'c', 'a'])
  })

  it('weighted asks by share', async () => {
    route('weighted', ['a/m=1000000000', 'b/m=0.000000001'])
    expect(new Set(await answerers(5))).toEqual(new Set(['a']))
    route('weighted', ['a/m=0.000000001', 'b/m=1000000000'])
    expect(new Set(await answerers(5))).toEqual(new Set(['b']))
  })

  it('sticky asks the same one for all calls of a conversation, and others for others', async () => {
    route('sticky', ['a/m', 'b/m', 'c/m'])
    const one = await answerers(3, { headers: { 'x-session-affinity': 'one' } })
    expect(new Set(one).size).toBe(1)
    const all: (string | null)[] = []
    for (let count = 0; count < 20; count += 1) {
      all.push(...(await answerers(1, { headers: { 'x-session-affinity': `s${count}` } })))
    }
    expect(new Set(all)).toEqual(new Set(['a', 'b', 'c']))
  })

  it('auto never asks a target that cannot do what the request needs', async () => {
    gateway.gateway.manager.routes.set({
      name: 'smart',
      strategy: 'auto',
      targets: [
        { model: 'a/m', capabilities: [] },
        { model: 'b/m', contextTokens: 5 },
        { model: 'c/m', capabilities: ['tools'], contextTokens: 100_000 },
      ],
    })
    const tools = [{ type: 'function', function: { name: 'now', parameters: { type: 'object' } } }]
    expect(await answerers(1, { body: { tools } })).toEqual(['c'])
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]
    const refused = await ask({ body: { tools, messages: [{ role: 'user', content: images }] } })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('no_fit_target')
    expect(refused.headers.get('x-patchbay-attempts')).toBe('0')
    expect([upstreams.a.requests, upstreams.b.requests]).toEqual([[], []])
  })
})

describe('a caller without a key', () => {
  it('never gets a cloud target of a route', async () => {
    route('priority', ['a/m', 'c/m'])
    expect(await answerers(2, { key: '' })).toEqual(['c', 'c'])
    upstreams.c.answer(() => FAILED)
    const response = await ask({ key: '' })
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('a/m')
    expect(response.headers.get('x-patchbay-trail')).not.toContain('a/m')
    expect(upstreams.a.requests).toEqual([])
  })

  it('is asked for a key where a route has only such', async () => {
    route('priority')
    const response = await ask({ key: '' })
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('a/m')
  })

  it('does not hear of them in an explanation', async () => {
    route('priority', ['a/m', 'c/m'])
    const { order, left } = await explainedRoute('')
    expect([order, left]).toEqual([['c/m'], []])
  })
})

async function explainedRoute(
  key: string,
): Promise<{ readonly order: readonly string[]; readonly left: readonly Json[] }> {
  const body = { model: 'smart', messages: MESSAGES, n: 1 }
  const response = await fetch(`${gateway.url}/api/explain`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ dialect: 'openai-chat', body }),
  })
  const answer = ObjectReader.of(parseJson(await response.text()), '').object('route')
  const order = answer.items('order').map(({ value, path }) => {
    const target = ObjectReader.of(value, path)
    return `${target.string('provider')}/${target.string('model')}`
  })
  return { order, left: answer.items('left').map(({ value }) => value) }
}

describe('an explanation', () => {
  it('says who is asked in which order, and why a disabled provider is passed over', async () => {
    gateway.gateway.manager.registerProvider({
      providerType: 'custom',
      name: 'off',
      baseUrl: `${upstreams.a.url}/v1`,
      enabled: false,
    })
    route('priority', ['off/m', 'b/m', 'a/m'])
    const { order, left } = await explainedRoute(gateway.adminToken)
    expect(order).toEqual(['b/m', 'a/m'])
    expect(left).toEqual([
      { model: 'off/m', reason: expect.stringContaining('The provider "off" is disabled.') },
    ])
    expect(await answerers(1)).toEqual(['b'])
  })
})

describe('a failure of all targets', () => {
  const chat = { messages: MESSAGES }
  it.each([
    ['/v1/chat/completions', chat, (body: ObjectReader) => body.object('error').string('message')],
    ['/v1/responses', { input: 'Hi' }, (body: ObjectReader) => body.object('error').string('code')],
    [
      '/v1/messages',
      { ...chat, max_tokens: 9 },
      (body: ObjectReader) => body.string('type') + body.object('error').string('type'),
    ],
    [
      '/v1beta/models/smart:generateContent',
      { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
      (body: ObjectReader) => body.object('error').string('status'),
    ],
    ['/mistral/v1/chat/completions', chat, (body: ObjectReader) => body.string('message')],
    ['/ollama/api/chat', chat, (body: ObjectReader) => body.string('error')],
    [
      '/v1/embeddings',
      { input: 'Hi' },
      (body: ObjectReader) => body.object('error').string('message'),
    ],
  ])('is told at %s in its own form, with the way it took', async (path, fields, said) => {
    route('priority', ['a/m', 'b/m', 'c/m'])
    for (const name of NAMES) upstreams[name].answer(() => FAILED)
    const response = await fetch(gateway.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': gateway.clientKey },
      body: JSON.stringify({ ...(path.includes('smart') ? {} : { model: 'smart' }), ...fields }),
    })
    const text = await response.text()
    // Anthropic has a status of its own for it.
    expect(response.status).toBe(path === '/v1/messages' ? 529 : 503)
    expect(said(ObjectReader.of(parseJson(text), ''))).not.toBe('')
    expect(response.headers.get('x-patchbay-attempts')).toBe('3')
    expect(response.headers.get('x-patchbay-trail')).toMatch(/^a\/m=\w+; b\/m=\w+; c\/m=\w+$/)
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(NAMES.map((name) => upstreams[name].requests.length)).toEqual([1, 1, 1])
  })

  it('has no trail where nobody was to be asked', async () => {
    const response = await ask({ key: 'pb_live_wrong' })
    await response.text()
    expect(response.status).toBe(401)
    expect(told(response)).toEqual([null, null, null])
  })
})

async function admin(method: string, path: string, body?: Json): Promise<Json> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${gateway.adminToken}`,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const value = parseJson(await response.text())
  return isObject(value) ? { status: response.status, ...value } : value
}

describe('the API', () => {
  it('sets, lists, shows and removes; clients see the route as a model', async () => {
    expect(await admin('PUT', '/api/routes/quick', ['c/m', 'gone/m'])).toMatchObject({
      status: 200,
      route: {
        strategy: 'priority',
        targets: [{ model: 'c/m', target: 'c/m', state: 'closed' }, { model: 'gone/m' }],
      },
    })
    const models = await fetch(`${gateway.url}/v1/models`, {
      headers: { authorization: `Bearer ${gateway.clientKey}` },
    })
    expect(await models.json()).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ id: 'quick' })]),
    })
    expect(await admin('GET', '/api/routes')).toMatchObject({ routes: [{ name: 'quick' }] })
    expect(await admin('DELETE', '/api/routes/quick')).toMatchObject({ removed: 'quick' })
    expect(await admin('GET', '/api/routes/quick')).toMatchObject({
      status: 404,
      error: { code: 'route_not_found', message: expect.stringContaining('There are no routes.') },
    })
  })

  it.each([
    [
      'an unknown strategy',
      { strategy: 'best', targets: ['c/m'] },
      { code: 'invalid_value', param: 'strategy' },
    ],
    ['no targets', { targets: [] }, { code: 'invalid_value', param: 'targets' }],
    [
      'an unknown key',
      { targets: [{ model: 'c/m', wieght: 2 }] },
      { code: 'unknown_key', param: 'targets[0].wieght' },
    ],
    ['itself', { targets: ['quick'] }, { code: 'invalid_route', param: 'targets[0].model' }],
  ])('refuses %s', async (_what, body, error) => {
    expect(await admin('PUT', '/api/routes/quick', body)).toMatchObject({ status: 400, error })
  })

  it('shows a target whose breaker is open, with the reason', async () => {
    route('priority')
    upstreams.a.answer(() => FAILED)
    await answerers(6)
    const shown = await admin('GET', '/api/routes/smart')
    expect(shown).toMatchObject({
      route: {
        targets: [
          { state: 'open', success_rate: 0, reason: expect.any(String), since: expect.any(String) },
          { state: 'closed', success_rate: 1 },
        ],
      },
    })
    upstreams.a.answer(() => ({ ...json({ data: [{ id: 'm' }] }) }))
    expect(await admin('GET', '/api/providers/health')).toMatchObject({
      providers: { a: { targets: [{ model: 'm', state: 'open' }] } },
    })
    const before = upstreams.a.requests.filter(({ method }) => method === 'POST').length
    const response = await ask()
    expect(told(response)).toEqual(['b', '1', 'a/m=open; b/m=ok'])
    await response.text()
    expect(upstreams.a.requests.filter(({ method }) => method === 'POST')).toHaveLength(before)
  })

  it('answers /livez and /readyz to anybody, whatever the providers do', async () => {
    for (const path of ['/livez', '/readyz']) {
      const response = await fetch(gateway.url + path)
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
    }
  })
})
