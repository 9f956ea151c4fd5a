// The whole server over HTTP with providers that only pretend: who may do what, what a wrong request gets, what leaks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'
import { CANARY_KEY, FakeProvider } from '../../test/server-fakes.ts'
import type { AnonymousUse } from '../config/schema.ts'
import { dialects } from '../dialects/registry.ts'
import { GatewayError } from '../canonical/errors.ts'
import { type JsonObject, isObject, parseJson } from '../wire/json.ts'

const MAX_BODY = 256 * 1024

const home = new FakeProvider({ name: 'home', local: true, models: ['tiny', 'shared'] })
const cloud = new FakeProvider({
  name: 'cloud',
  local: false,
  models: ['large', 'shared', 'org/deep:1b'],
  defaultModel: 'large',
})
const off = new FakeProvider({ name: 'off', local: true, enabled: false, models: ['asleep'] })
const down = new FakeProvider({
  name: 'down',
  local: true,
  listFailure: new Error('unreachable'),
  models: ['gone'],
  answer: async () => {
    throw new GatewayError('upstream', 'The provider "down" cannot be reached.', {
      origin: 'upstream',
      code: 'upstream_unreachable',
    })
  },
})
const shut = new FakeProvider({
  name: 'shut',
  local: true,
  models: ['locked'],
  answer: async () => {
    throw new GatewayError('auth', 'The provider "shut" refused the key.', { origin: 'upstream' })
  },
})

let open: OpenGateway
const seen: string[] = []

beforeAll(async () => {
  open = await openGateway({
    providers: [home, cloud, off, down, shut],
    config: {
      aliases: { fast: 'cloud/large', mine: 'home/tiny' },
      limits: { maxBodyBytes: MAX_BODY },
    },
  })
})
afterAll(async () => {
  await open.close()
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** An empty object where the body is not JSON. */
  readonly json: JsonObject
}

interface Ask {
  readonly method?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | JsonObject
  readonly to?: OpenGateway
}

async function ask(path: string, options: Ask = {}): Promise<Answer> {
  const { key, headers = {}, body, to = open } = options
  const response = await fetch(`${to.url}${path}`, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(body === undefined ? {} : { body: isBytes(body) ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  seen.push(text, JSON.stringify([...response.headers]))
  const json = text.startsWith('{') ? parseJson(text) : {}
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isObject(json) ? json : {},
  }
}

function isBytes(body: NonNullable<Ask['body']>): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array
}

function errorOf(answer: Answer): JsonObject {
  const { error } = answer.json
  return isObject(error) ? error : {}
}

const messages = [{ role: 'user', content: 'ping' }]

/** How each protocol chats and where its errors stand. */
const protocols = [
  {
    name: 'Chat Completions',
    path: () => '/v1/chat/completions',
    body: (model: string) => ({ model, messages }),
    textOf: ({ json }: Answer) => JSON.stringify(json['choices']),
    messageOf: (answer: Answer) => errorOf(answer)['message'],
  },
  {
    name: 'Responses',
    path: () => '/v1/responses',
    body: (model: string) => ({ model, input: 'ping' }),
    textOf: ({ json }: Answer) => JSON.stringify(json['output']),
    messageOf: (answer: Answer) => errorOf(answer)['message'],
  },
  {
    name: 'Messages',
    path: () => '/v1/messages',
    body: (model: string) => ({ model, messages, max_tokens: 5 }),
    textOf: ({ json }: Answer) => JSON.stringify(json['content']),
    messageOf: (answer: Answer) =>
      answer.json['type'] === 'error' ? errorOf(answer)['message'] : undefined,
  },
  {
    name: 'Gemini',
    path: (model: string) => `/v1beta/models/${model}:generateContent`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'ping' }] }] }),
    textOf: ({ json }: Answer) => JSON.stringify(json['candidates']),
    messageOf: (answer: Answer) =>
      typeof errorOf(answer)['status'] === 'string' ? errorOf(answer)['message'] : undefined,
  },
  {
    name: 'Mistral',
    path: () => '/mistral/v1/chat/completions',
    body: (model: string) => ({ model, messages }),
    textOf: ({ json }: Answer) => JSON.stringify(json['choices']),
    messageOf: ({ json }: Answer) => (json['object'] === 'error' ? json['message'] : undefined),
  },
  {
    name: 'Ollama chat',
    path: () => '/api/chat',
    body: (model: string) => ({ model, messages, stream: false }),
    textOf: ({ json }: Answer) => JSON.stringify(json['message']),
    messageOf: ({ json }: Answer) => json['error'],
  },
  {
    name: 'Ollama generate',
    path: () => '/api/generate',
    body: (model: string) => ({ model, prompt: 'ping', stream: false }),
    textOf: ({ json }: Answer) => json['response'],
    messageOf: ({ json }: Answer) => json['error'],
  },
  {
    name: 'chat/multi',
    path: () => '/api/chat/multi',
    body: (model: string) => ({ model, messages }),
    textOf: ({ json }: Answer) => json['response'],
    messageOf: (answer: Answer) => errorOf(answer)['message'],
  },
  {
    name: 'the facade',
    path: () => '/api/chat',
    body: (model: string) => ({ model, message: 'ping' }),
    textOf: ({ json }: Answer) => json['response'],
    // Before the body has been read its path belongs to the other protocol there, whose errors are text.
    messageOf: (answer: Answer) => errorOf(answer)['message'] ?? answer.json['error'],
  },
] as const

describe.each(protocols)('$name', ({ path, body, textOf, messageOf }) => {
  it('answers, and says who answered and under which id', async () => {
    const answer = await ask(path('home/tiny'), { body: body('home/tiny') })
    expect(answer.status).toBe(200)
    expect(textOf(answer)).toContain('pong')
    expect(answer.headers.get('x-patchbay-provider')).toBe('home')
    expect(answer.headers.get('x-patchbay-model')).toBe('tiny')
    expect(answer.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{24}$/)
    for (const name of ['x-patchbay-request-id', 'request-id']) {
      expect(answer.headers.get(name)).toBe(answer.headers.get('x-request-id'))
    }
  })

  it.each([
    ['mine', 'home', 'tiny'],
    ['fast', 'cloud', 'large'],
    ['large', 'cloud', 'large'],
    ['shared', 'home', 'shared'],
    ['cloud', 'cloud', 'large'],
    ['cloud/org/deep:1b', 'cloud', 'org/deep:1b'],
    ['tiny:latest', 'home', 'tiny'],
  ])('finds %s for a holder of the client key', async (name, provider, model) => {
    const answer = await ask(path(name), { key: open.clientKey, body: body(name) })
    expect(answer.headers.get('x-patchbay-provider')).toBe(provider)
    expect(answer.headers.get('x-patchbay-model')).toBe(model)
  })

  it.each([
    ['nobody', undefined, 'cloud/large', 401],
    ['nobody', undefined, 'fast', 401],
    ['nobody', undefined, 'large', 401],
    ['nobody', undefined, 'home/tiny', 200],
    ['a dummy', 'none', 'home/tiny', 200],
    ['a dummy', 'sk-anything', 'cloud/large', 401],
    ['a wrong key', 'pb_live_wrong', 'home/tiny', 401],
    ['a wrong key', 'pba_wrong', 'cloud/large', 401],
  ])('gives %s (%s) for %s a %i', async (...[, key, model, status]) => {
    const answer = await ask(path(model), {
      ...(key === undefined ? {} : { key }),
      body: body(model),
    })
    expect(answer.status).toBe(status)
    if (status === 200) return
    expect(messageOf(answer)).toMatch(/key/)
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  })

  it('lets the admin token chat with everything', async () => {
    const answer = await ask(path('cloud/large'), {
      key: open.adminToken,
      body: body('cloud/large'),
    })
    expect(answer.status).toBe(200)
  })

  it.each([
    ['not JSON', '{"model": ', 400, /JSON/],
    ['no body', '', 400, /./],
    ['a list', '[]', 400, /./],
    ['a number', '7', 400, /./],
    ['deep nesting', '['.repeat(100_000), 400, /nested deeper/],
    ['invalid UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 400, /UTF-8/],
    ['too much', 'x'.repeat(MAX_BODY + 1), 413, /larger than/],
  ])('refuses %s in its own form', async (...[, sent, status, pattern]) => {
    const answer = await ask(path('home/tiny'), { body: sent })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(messageOf(answer)).toMatch(pattern)
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
  })

  it('refuses wrong types', async () => {
    const names = Object.keys(body('home/tiny'))
    const wrong = Object.fromEntries(names.map((name) => [name, 7]))
    const answer = await ask(path('home/tiny'), { body: wrong })
    expect(answer.status).toBe(400)
    expect(messageOf(answer)).toMatch(new RegExp(names.join('|')))
  })

  it('suggests the nearest names for an unknown model, but only those in reach', async () => {
    const near = await ask(path('tinny'), { body: body('tinny') })
    expect(near.status).toBe(404)
    expect(messageOf(near)).toContain('"home/tiny"')
    const far = await ask(path('larg'), { body: body('larg') })
    expect(far.status).toBe(404)
    expect(messageOf(far)).not.toContain('cloud')
    const keyed = await ask(path('larg'), { key: open.clientKey, body: body('larg') })
    expect(messageOf(keyed)).toContain('"cloud/large"')
  })

  it('names a disabled provider as such', async () => {
    const answer = await ask(path('off/asleep'), { body: body('off/asleep') })
    expect(answer.status).toBe(403)
    expect(messageOf(answer)).toMatch(/"off" is disabled/)
  })

  it('passes on that a provider is down', async () => {
    const answer = await ask(path('down/gone'), { body: body('down/gone') })
    expect(answer.status).toBe(502)
    expect(messageOf(answer)).toContain('cannot be reached')
  })

  it('does not blame the client for a key of ours that is refused', async () => {
    const answer = await ask(path('shut/locked'), { body: body('shut/locked') })
    expect(answer.status).toBe(502)
    expect(answer.headers.get('x-should-retry')).toBe('false')
  })

  it('refuses an unknown policy and passes a known one on', async () => {
    const bad = await ask(path('home/tiny'), {
      headers: { 'x-patchbay-policy': 'loose' },
      body: body('home/tiny'),
    })
    expect(bad.status).toBe(400)
    expect(messageOf(bad)).toContain('lenient, default, strict')
    await ask(path('home/tiny'), {
      headers: { 'x-patchbay-policy': 'strict' },
      body: body('home/tiny'),
    })
    expect(home.asked.at(-1)?.policy).toBe('strict')
  })

  it('refuses a key in the URL and two keys at once', async () => {
    const inUrl = await ask(`${path('home/tiny')}?api_key=${CANARY_KEY}`, {
      body: body('home/tiny'),
    })
    expect(inUrl.status).toBe(400)
    expect(messageOf(inUrl)).toContain('logs')
    const two = await ask(path('home/tiny'), {
      key: open.clientKey,
      headers: { 'x-api-key': 'b' },
      body: body('home/tiny'),
    })
    expect(two.status).toBe(400)
  })

  it('refuses a compressed body', async () => {
    const answer = await ask(path('home/tiny'), {
      headers: { 'content-encoding': 'gzip' },
      body: body('home/tiny'),
    })
    expect(answer.status).toBe(415)
  })
})

describe('the key of a client', () => {
  it.each(['x-api-key', 'api-key', 'x-goog-api-key'])('may come in %s', async (name) => {
    const answer = await ask('/v1/chat/completions', {
      headers: { [name]: open.clientKey },
      body: { model: 'cloud/large', messages },
    })
    expect(answer.status).toBe(200)
  })
})

describe('the fronts', () => {
  // One body for all: each protocol finds what it needs, and loses the rest.
  const body = {
    model: 'home/tiny',
    messages,
    prompt: 'ping',
    input: 'ping',
    contents: [{ parts: [{ text: 'ping' }] }],
    max_tokens: 5,
    stream: false,
  }

  it.each(dialects)('of $id are served under $prefix too', async ({ prefix, endpoints }) => {
    for (const endpoint of endpoints) {
      const path = `${prefix}${endpoint.path.replace(':model', 'home%2Ftiny')}`
      const answer = await ask(path, {
        method: endpoint.method,
        headers: { 'x-patchbay-policy': 'lenient' },
        ...(endpoint.method === 'POST' ? { body } : {}),
      })
      const status = endpoint.operation === 'unserved' ? 501 : 200
      expect([path, answer.status]).toEqual([path, status])
    }
  })

  it('tell protocols on one path apart by their headers', async () => {
    const first = await ask('/v1/models')
    expect(first.json['object']).toBe('list')
    const second = await ask('/v1/models', { headers: { 'anthropic-version': '2023-06-01' } })
    expect(second.json).toHaveProperty('has_more')
    for (const name of ['x-goog-api-key', 'x-goog-api-client']) {
      const third = await ask('/v1/models', { headers: { [name]: 'none' } })
      expect(third.json).toHaveProperty('models')
    }
  })

  it('answer a wrong path under a prefix in its protocol', async () => {
    expect((await ask('/ollama/nothing')).json['error']).toMatch(/nothing at/)
    expect((await ask('/anthropic/nothing')).json['type']).toBe('error')
    expect(errorOf(await ask('/gemini/nothing'))['status']).toBe('NOT_FOUND')
    expect((await ask('/mistral/nothing')).json['object']).toBe('error')
  })

  it('tell in the form of their protocol that a place below theirs is not there', async () => {
    for (const method of ['GET', 'DELETE']) {
      for (const path of ['/v1/responses/resp_1', '/v1/responses/resp_1/input_items']) {
        const answer = await ask(path, { method })
        expect([method, path, answer.status]).toEqual([
          method,
          path,
          method === 'DELETE' && path.endsWith('items') ? 405 : 404,
        ])
        expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error' })
      }
    }
    const batches = await ask('/v1/messages/batches')
    expect(batches).toMatchObject({ status: 404, json: { type: 'error' } })
  })

  it('refuse a key in the URL, as old clients of Gemini send it, with the reason', async () => {
    const path = `/v1beta/models/home/tiny:generateContent?key=${CANARY_KEY}`
    const answer = await ask(path, { body })
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' })
    expect(errorOf(answer)['message']).toMatch(/URL holds a key.*header/)
  })

  it('take both spellings of a base path, and doubled slashes', async () => {
    for (const path of [
      '/v1/v1/messages',
      '//v1//messages',
      '/v1/messages/',
      '/v1/messages?beta=true',
    ]) {
      const answer = await ask(path, { body: { model: 'home/tiny', messages, max_tokens: 5 } })
      expect([path, answer.status]).toEqual([path, 200])
    }
  })
})

function ids({ json }: Answer): readonly unknown[] {
  const { data } = json
  return Array.isArray(data) ? data.map((entry) => (isObject(entry) ? entry['id'] : '')) : []
}

describe('model lists', () => {
  it('show everything in reach as provider/model, then the aliases', async () => {
    const anonymous = ids(await ask('/v1/models'))
    expect(anonymous).toEqual(['home/tiny', 'home/shared', 'shut/locked', 'mine'])
    const keyed = ids(await ask('/v1/models', { key: open.clientKey }))
    expect(keyed).toContain('cloud/org/deep:1b')
    expect(keyed.slice(-2)).toEqual(['fast', 'mine'])
    expect(keyed).not.toContain('off/asleep')
    expect(keyed).not.toContain('down/gone')
  })

  it.each(['/v1/models/home%2Ftiny', '/v1/models/home/tiny', '/openai/v1/models/home%2Ftiny'])(
    'describe one model at %s',
    async (path) => {
      const answer = await ask(path)
      expect(answer.status).toBe(200)
      expect(answer.json['id']).toBe('home/tiny')
    },
  )

  it('describe a model by its bare name and by an alias', async () => {
    expect((await ask('/v1/models/tiny')).json['id']).toBe('home/tiny')
    expect((await ask('/v1/models/mine')).json['id']).toBe('mine')
  })

  it('know what is not there, and what is not for everybody', async () => {
    expect((await ask('/v1/models/home%2Fnone')).status).toBe(404)
    expect((await ask('/v1/models/tinny')).status).toBe(404)
    expect((await ask('/v1/models/cloud%2Flarge')).status).toBe(401)
  })

  it('answer HEAD without a body', async () => {
    const answer = await ask('/v1/models', { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('')
  })
})

describe('the REST API', () => {
  it.each([
    ['GET', '/api/providers'],
    ['GET', '/api/status'],
    ['POST', '/api/providers/register'],
    ['POST', '/api/providers/home/default'],
    ['DELETE', '/api/providers/home'],
  ])('%s %s needs the admin token', async (method, path) => {
    for (const [key, status] of [
      [undefined, 401],
      ['none', 401],
      [open.clientKey, 403],
      ['pba_wrong', 401],
    ] as const) {
      const answer = await ask(path, { method, ...(key === undefined ? {} : { key }) })
      expect([path, key, answer.status]).toEqual([path, key, status])
      expect(errorOf(answer)).toMatchObject({ request_id: expect.stringMatching(/^req_/) })
    }
    expect(open.gateway.manager.defaultName).toBe('home')
  })

  it('lists providers without their keys', async () => {
    const { json } = await ask('/api/providers', { key: open.adminToken })
    expect(json['default']).toBe('home')
    expect(json['providers']).toContainEqual({
      name: 'cloud',
      provider_type: 'fake',
      locality: 'cloud',
      enabled: true,
      is_default: false,
      has_key: true,
      models: ['large', 'shared', 'org/deep:1b'],
      default_model: 'large',
    })
  })

  it('lists the models of one provider to whom it is open', async () => {
    const { json } = await ask('/api/providers/home/models')
    expect(json).toEqual({ provider: 'home', models: [{ id: 'tiny' }, { id: 'shared' }] })
    expect((await ask('/api/providers/cloud/models')).status).toBe(401)
    expect((await ask('/api/providers/cloud/models', { key: open.clientKey })).status).toBe(200)
    expect((await ask('/api/providers/off/models')).status).toBe(403)
    expect((await ask('/api/providers/down/models')).status).toBe(502)
    const unknown = await ask('/api/providers/nobody/models')
    expect(unknown.status).toBe(404)
  })

  it('lists all models; what cannot be asked is empty and spoils nothing', async () => {
    const { json } = await ask('/api/providers/models', { key: open.clientKey })
    expect(json['providers']).toMatchObject({ home: [{ id: 'tiny' }, { id: 'shared' }], down: [] })
  })

  it('checks the health of all, with the reason where it is bad', async () => {
    const { json } = await ask('/api/providers/health')
    expect(json['providers']).toMatchObject({
      home: { healthy: true },
      down: { healthy: false, reason: expect.any(String) },
    })
    expect(json['providers']).not.toHaveProperty('cloud')
  })

  it('shows its status', async () => {
    const { status, json } = await ask('/api/status', { key: open.adminToken })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      default_provider: 'home',
      selected_model: null,
    })
    expect(JSON.stringify(json['providers'])).toContain('"in_flight":')
  })

  it('registers, chooses and removes a provider', async () => {
    const key = open.adminToken
    const registered = await ask('/api/providers/register', {
      key,
      body: {
        provider_type: 'custom',
        name: 'extra',
        base_url: 'https://models.example/v1',
        api_key: CANARY_KEY,
        models: ['m'],
      },
    })
    expect(registered.status).toBe(201)
    expect(registered.json['provider']).toMatchObject({ name: 'extra', has_key: true })
    const again = await ask('/api/providers/register', {
      key,
      body: { provider_type: 'custom', name: 'extra', base_url: 'https://models.example/v1' },
    })
    expect(again.status).toBe(409)
    const chosen = await ask('/api/providers/extra/default', { key, method: 'POST' })
    expect(chosen.json).toEqual({ default: 'extra' })
    await ask('/api/providers/home/default', { key, method: 'POST' })
    const removed = await ask('/api/providers/extra', { key, method: 'DELETE' })
    expect(removed.json).toEqual({ removed: 'extra', default: 'home' })
    const gone = await ask('/api/providers/extra', { key, method: 'DELETE' })
    expect(gone.status).toBe(404)
    expect(errorOf(gone)['message']).toContain('home, cloud')
  })

  it('takes the fields of a registration in the URL too, but never a key', async () => {
    const key = open.adminToken
    const path =
      '/api/providers/register?provider_type=custom&name=url&base_url=https://models.example/v1&timeout=5'
    const registered = await ask(path, { key, method: 'POST' })
    expect(registered.json['provider']).toMatchObject({ name: 'url', timeout: 5, has_key: false })
    await ask('/api/providers/url', { key, method: 'DELETE' })
    const refused = await ask(`${path}&api_key=${CANARY_KEY}`, { key, method: 'POST' })
    expect(refused.status).toBe(400)
    expect(errorOf(refused)['message']).toContain('written to logs')
  })

  it.each([
    [{ provider_type: 'custmo', name: 'x' }, 'provider_type', /custom/],
    [{ provider_type: 'custom', name: 'x', base_ulr: 'y' }, 'base_ulr', /"base_url"/],
    [{ provider_type: 'custom', name: 'x', timeout: 'long' }, 'timeout', /timeout/],
    [{ name: 'x' }, 'provider_type', /provider_type/],
  ])('refuses the registration %j at %s', async (body, param, pattern) => {
    const answer = await ask('/api/providers/register', { key: open.adminToken, body })
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toMatchObject({
      kind: 'invalid_request',
      param,
      message: expect.stringMatching(pattern),
    })
  })

  it('lets nobody point a provider at a private address over the network', async () => {
    const answer = await ask('/api/providers/register', {
      key: open.adminToken,
      body: { provider_type: 'custom', name: 'inner', base_url: 'http://169.254.169.254/v1' },
    })
    const used = await ask('/v1/chat/completions', {
      key: open.adminToken,
      body: { model: 'inner/x', messages },
    })
    expect(answer.status === 201 ? used.status : answer.status).toBeGreaterThanOrEqual(400)
    await ask('/api/providers/inner', { key: open.adminToken, method: 'DELETE' })
  })
})

describe('chat in plain words', () => {
  it('gives response, model, provider, tokens and latency', async () => {
    const { json } = await ask('/api/chat/multi', { body: { message: 'ping', provider: 'home' } })
    expect(json).toEqual({
      response: 'pong',
      model: 'tiny',
      provider: 'home',
      tokens: expect.any(Number),
      latency_ms: expect.any(Number),
      finish_reason: 'stop',
    })
  })

  it('takes its keys in the URL too', async () => {
    const answer = await ask('/api/chat/multi?message=hello%20there&provider=home&model=shared', {
      method: 'POST',
    })
    expect(answer.json['response']).toBe('pong')
    expect(home.asked.at(-1)?.target.model).toBe('shared')
  })

  it('uses the default model of the default provider when nothing is said', async () => {
    const answer = await ask('/api/chat', { body: { message: 'ping', system_prompt: 'Be brief.' } })
    expect(answer.headers.get('x-patchbay-provider')).toBe('home')
    expect(home.asked.at(-1)?.request.turns.map((turn) => turn.role)).toEqual(['system', 'user'])
  })

  it('uses the selected model when one is selected', async () => {
    await open.gateway.llm.refreshModels()
    expect(open.gateway.llm.selectModel('home/shared')).toBe(true)
    const answer = await ask('/api/chat', { body: { message: 'ping' } })
    expect(answer.headers.get('x-patchbay-model')).toBe('shared')
    open.gateway.llm.selectModel('home/tiny')
  })

  it.each([
    [{ message: 'a', messages }, /not both/],
    [{}, /"message"/],
    [{ message: 'a', provider: 'nobody' }, /no provider called "nobody"/],
    [{ message: '' }, /message/],
    [{ messages: [{ role: 'robot', content: 'x' }] }, /role/],
    [{ messages: [] }, /messages/],
  ])('refuses %j', async (body, pattern) => {
    const answer = await ask('/api/chat/multi', { body })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(errorOf(answer)['message']).toMatch(pattern)
  })

  it('names only the providers in reach', async () => {
    const body = { message: 'a', provider: 'nobody' }
    const anonymous = errorOf(await ask('/api/chat/multi', { body }))['message']
    expect(anonymous).not.toContain('cloud')
    const keyed = await ask('/api/chat/multi', { key: open.clientKey, body })
    expect(errorOf(keyed)['message']).toContain('cloud')
  })

  it.each(['/api/chat', '/api/chat/multi'])('streams from %s', async (path) => {
    const answer = await ask(path, { body: { message: 'ping', stream: true } })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    const events = answer.text
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => parseJson(event.replace(/^data: /, '')))
    expect(events[0]).toEqual({ delta: 'pong' })
    expect(events.at(-1)).toMatchObject({ done: true, response: 'pong', provider: 'home' })
  })
})

describe('paths and methods', () => {
  it('that are not there: 404', async () => {
    const answer = await ask('/nowhere')
    expect(answer.status).toBe(404)
    expect(errorOf(answer)).toMatchObject({ code: 'unknown_path' })
  })

  it('that do not fit: 405 with those that do', async () => {
    const answer = await ask('/v1/chat/completions')
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect((await ask('/api/providers', { method: 'DELETE' })).status).toBe(405)
  })

  it('show what there is at the root, to people and to programs', async () => {
    const page = await ask('/', { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.text).toContain('/v1/chat/completions')
    expect((await ask('/')).text).toMatch(/^Patchbay .* is running/)
    expect((await ask('/', { method: 'HEAD' })).status).toBe(200)
  })

  it('answer with headers that keep browsers honest', async () => {
    const { headers } = await ask('/v1/models')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a page of another origin', () => {
  it('is refused on every route, whatever key it has', async () => {
    for (const path of ['/v1/models', '/api/status', '/']) {
      const answer = await ask(path, {
        key: open.adminToken,
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
    const all = seen.join('\n')
    expect(seen.length).toBeGreaterThan(200)
    expect(all).not.toContain(CANARY_KEY)
    expect(all).not.toContain(open.adminToken)
    expect(all).not.toContain(open.clientKey)
  })
})
