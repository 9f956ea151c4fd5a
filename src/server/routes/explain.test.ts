// POST /api/explain: who may ask what, which protocol is meant, what is told and what is not, and what a call would be refused with.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../../test/fake-upstream.ts'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { CANARY_KEY } from '../../../test/server-fakes.ts'
import { ScriptedProvider } from '../../testing.ts'
import { type Json, type JsonObject, isObject, parseJson } from '../../wire/json.ts'

let upstream: FakeUpstream
let open: OpenGateway

const CANARY_HEADER = 'canary-of-a-header'
const CANARY_PLACE = 'canary-of-a-place'

beforeAll(async () => {
  upstream = await openUpstream()
  upstream.answer(() => ({ chunks: ['{"data":[{"id":"listed"}]}'] }))
  open = await openGateway({
    config: {
      aliases: { fast: 'work/tiny', quick: 'fast' },
      prices: { 'work/priced': { input: 1, output: 4, cacheWrite: 2 } },
    },
  })
  const { manager } = open.gateway
  manager.registerProvider({
    providerType: 'custom',
    name: 'work',
    baseUrl: `${upstream.url}/${CANARY_PLACE}/v1`,
    apiKey: CANARY_KEY,
    defaultModel: 'tiny',
    settings: { headers: { 'x-team': CANARY_HEADER }, query: { 'api-version': CANARY_PLACE } },
  })
  manager.registerProvider({
    providerType: 'custom',
    name: 'off',
    baseUrl: upstream.url,
    enabled: false,
  })
  manager.registerProvider({
    providerType: 'custom',
    name: 'fetching',
    baseUrl: upstream.url,
    models: ['tiny'],
    settings: { dialect: 'ollama', fetchMedia: true },
  })
  manager.registerProvider({ providerType: 'openai', name: 'listless', apiKey: CANARY_KEY })
  manager.registerProvider(
    new ScriptedProvider({ name: 'plugin', models: ['echo'], settings: { local: true } }),
  )
})
afterEach(() => {
  // Nobody was called: neither for an answer nor for a list.
  if (upstream.requests.length > 0) throw new Error('an explanation called its provider')
})
afterAll(async () => {
  await upstream.close()
  await open.close()
})

type Role = 'admin' | 'client' | 'nobody'

interface Answer {
  readonly status: number
  readonly text: string
  readonly json: JsonObject
}

async function ask(
  question: Json,
  role: Role = 'admin',
  more: Record<string, string> = {},
): Promise<Answer> {
  const keys = { admin: open.adminToken, client: open.clientKey, nobody: '' }
  const key = keys[role]
  const response = await fetch(`${open.url}/api/explain`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      ...more,
    },
    body: typeof question === 'string' ? question : JSON.stringify(question),
  })
  const text = await response.text()
  const json = parseJson(text)
  return { status: response.status, text, json: isObject(json) ? json : {} }
}

const messages = [{ role: 'user', content: 'hi' }]
const chat = { model: 'work/tiny', messages, logit_bias: { '5': 1 } }

describe('which protocol is meant', () => {
  it.each<[string, JsonObject]>([
    ['openai-chat', { body: chat }],
    ['openai-chat', { path: '/v1/chat/completions', body: { model: 'work', messages } }],
    ['openai-chat', { path: '/openai/chat/completions', body: { model: 'work', messages } }],
    ['openai-responses', { body: { model: 'work', input: 'hi' } }],
    ['anthropic-messages', { body: { model: 'work', max_tokens: 5, system: 'x', messages } }],
    [
      'anthropic-messages',
      { path: '/v1/messages', body: { model: 'work', max_tokens: 5, messages } },
    ],
    ['gemini', { body: { contents: [{ parts: [{ text: 'hi' }] }] }, model: 'work' }],
    [
      'gemini',
      {
        path: '/v1beta/models/work:streamGenerateContent?alt=sse',
        body: { contents: [{ parts: [{ text: 'hi' }] }] },
      },
    ],
    ['mistral-chat', { body: { model: 'work', messages, safe_prompt: false } }],
    [
      'mistral-chat',
      { dialect: 'mistral-chat', path: '/v1/chat/completions', body: { model: 'work', messages } },
    ],
    ['mistral-chat', { path: '/mistral/v1/chat/completions', body: { model: 'work', messages } }],
    ['ollama', { body: { model: 'work', messages, keep_alive: 0 } }],
    ['ollama', { path: '/api/chat', body: { model: 'work', messages } }],
    ['ollama', { dialect: 'ollama', body: { model: 'work', prompt: 'hi' } }],
    ['patchbay', { path: '/api/chat', body: { model: 'work', message: 'hi' } }],
    ['patchbay', { body: { model: 'work', message: 'hi' } }],
    ['patchbay', { dialect: 'patchbay', body: { message: 'hi' } }],
    ['patchbay-multi', { path: '/api/chat/multi', body: { provider: 'work', messages } }],
    ['patchbay-multi', { dialect: 'patchbay-multi', body: { messages } }],
  ])('%s in %j', async (protocol, question) => {
    const { status, json } = await ask(question)
    expect({ status, protocol: json['protocol'], refusal: json['refusal'] }).toEqual({
      status: 200,
      protocol,
      refusal: undefined,
    })
    expect(json['model']).toMatchObject({ provider: 'work', model: 'tiny' })
  })

  it.each<[string, Json, string, RegExp]>([
    ['no body', { dialect: 'ollama' }, 'body', /give the body/],
    [
      'a body that several could have sent',
      { body: { model: 'work', messages } },
      'dialect',
      /openai-chat, openai-responses, anthropic-messages, gemini, mistral-chat, ollama\./,
    ],
    [
      'a protocol that there is not',
      { dialect: 'latin', body: chat },
      'dialect',
      /no protocol "latin".*Choose one of: patchbay, patchbay-multi, openai-chat/,
    ],
    [
      'a path where nothing chats',
      { path: '/v1/models', body: chat },
      'path',
      /Nothing chats at "POST \/v1\/models"/,
    ],
    [
      'a path of another protocol',
      { path: '/v1/messages', dialect: 'gemini', body: chat },
      'path',
      /in the protocol "gemini"/,
    ],
    [
      'a text that is no JSON',
      { dialect: 'ollama', body: '{"model":' },
      'body',
      /not valid JSON: it ends/,
    ],
    ['a policy that there is not', { body: chat, policy: 'harsh' }, 'policy', /policy/],
    ['a key that there is not', { body: chat, modell: 'x' }, 'modell', /Did you mean "model"/],
  ])('is asked for with %s', async (...[, question, param, message]) => {
    const { status, json } = await ask(question)
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({
      kind: 'invalid_request',
      param,
      message: expect.stringMatching(message),
    })
  })
})

async function policyOf(
  question: JsonObject,
  headers: Record<string, string> = {},
): Promise<Json | undefined> {
  return (await ask({ body: chat, ...question }, 'admin', headers)).json['policy']
}

describe('what is told', () => {
  it('is the target and why, the request, the losses with all policies, tokens and no made-up price', async () => {
    const { json } = await ask({
      body: { ...chat, model: 'quick', user: 'u' },
      dialect: 'openai-chat',
    })
    expect(json).toMatchObject({
      protocol: 'openai-chat',
      model: {
        asked: 'quick',
        provider: 'work',
        model: 'tiny',
        rule: 'provider/model',
        why: '"quick" is an alias of "fast"; "fast" is an alias of "work/tiny"; "work/tiny" names the provider "work" and its model.',
      },
      policy: 'default',
      lane: 'patch',
      protocol_reason: 'only',
      request: { protocol: 'openai-chat', method: 'POST', path: '/chat/completions' },
      tokens: { input: expect.any(Number), exact: false },
      price: { source: 'unknown' },
    })
    expect(json['refusal']).toBeUndefined()
  })

  it('of a request with another target is what it would be there', async () => {
    const { json } = await ask({
      body: { model: 'nobody/knows', messages },
      dialect: 'openai-chat',
      model: 'plugin/echo',
    })
    expect(json).toMatchObject({
      model: { provider: 'plugin', model: 'echo' },
      lane: 'translate',
      request: { given: { messages: [{ role: 'user', content: 'hi' }], model: 'echo' } },
      price: { source: 'free', input_usd: '0' },
    })
  })

  it('has the price of the configuration, and the worst case at the dearest rates', async () => {
    const body = {
      model: 'work/priced',
      max_completion_tokens: 1000,
      n: 2,
      messages,
      logit_bias: {},
    }
    const { json } = await ask({ body })
    expect(json).toMatchObject({
      tokens: { input: 8, exact: false, max_output: 2000 },
      price: {
        source: 'config',
        per_million: { input: 1, cache_write: 2, output: 4 },
        input_usd: '0.000008',
        worst_usd: '0.008008',
      },
    })
  })

  it("is a body in its exact text where the client's own passes", async () => {
    const text =
      '{ "model":"tiny", "messages" : [{"role":"user","content":"h\\u0069"}], "temperature":1.0e0,"n_new":12345678901234567890 }'
    const within = `{"dialect":"openai-chat","model":"work/tiny","body":${text}}`
    for (const question of [
      within,
      JSON.stringify({ dialect: 'openai-chat', model: 'work/tiny', body: text }),
    ]) {
      const { json } = await ask(question)
      expect(json).toMatchObject({ lane: 'bytes', request: { text } })
    }
  })

  it('says which lists a call would have asked for, without asking for them', async () => {
    const { json } = await ask({ dialect: 'ollama', body: { model: 'listed', messages } })
    expect(json).toMatchObject({
      unlisted: ['work', 'fetching', 'listless'],
      model: { provider: 'work', model: 'listed', rule: 'unlisted' },
    })
    const known = await ask({ dialect: 'ollama', body: { model: 'echo', messages } })
    expect(known.json).toMatchObject({
      unlisted: ['work', 'fetching', 'listless'],
      model: { provider: 'plugin', rule: 'only-owner' },
    })
  })

  it('fetches no media either, but says which a call would fetch', async () => {
    const url = 'https://images.example/cat.png'
    const content = [
      { type: 'text', text: 'hi' },
      { type: 'image_url', image_url: { url } },
    ]
    const body = { model: 'fetching/tiny', messages: [{ role: 'user', content }] }
    const { json } = await ask({ dialect: 'openai-chat', body })
    expect(json).toMatchObject({
      fetches: [url],
      request: { body: { messages: [{ images: [expect.any(String)] }] } },
    })
    expect(json['refusal']).toBeUndefined()
  })

  it('takes the policy from the field, the explained headers, or the call itself', async () => {
    const header = { 'X-Patchbay-Policy': 'strict' }
    expect(await policyOf({})).toBe('default')
    expect(await policyOf({ policy: 'lenient', headers: header })).toBe('lenient')
    expect(await policyOf({ headers: header })).toBe('strict')
    expect(await policyOf({}, header)).toBe('strict')
  })
})

describe('a refusal', () => {
  const forced = {
    model: 'plugin/echo',
    max_tokens: 5,
    system: 's',
    messages,
    guardrails: [{ a: 1 }],
  }

  it.each<[string, JsonObject, JsonObject]>([
    [
      'an unknown provider',
      { dialect: 'patchbay', body: { message: 'hi', provider: 'lokal' } },
      { status: 404, body: { error: { code: 'provider_not_found' } } },
    ],
    [
      'a body that cannot be read, in the words of its protocol',
      { path: '/v1/messages', body: { model: 'work', max_tokens: 'many', messages } },
      { status: 400, body: { type: 'error', error: { type: 'invalid_request_error' } } },
    ],
    [
      'a disabled provider',
      { dialect: 'gemini', model: 'off/x', body: { contents: [] } },
      { status: 403, body: { error: { status: 'PERMISSION_DENIED' } } },
    ],
    [
      'a body that cannot be read',
      { dialect: 'openai-chat', body: { model: 'work/tiny', messages: 5 } },
      { status: 400, body: { error: { param: 'messages' } } },
    ],
    [
      'a body without a model',
      { dialect: 'openai-chat', body: { messages } },
      { status: 400, body: { error: { message: expect.stringContaining('model') } } },
    ],
    [
      'a field of our own API that there is not',
      { dialect: 'patchbay', body: { message: 'hi', modell: 'x' } },
      { status: 400, body: { error: { code: 'unknown_key' } } },
    ],
  ])('is told for %s', async (_, question, refusal) => {
    const { status, json } = await ask(question)
    expect(status).toBe(200)
    expect(json['refusal']).toMatchObject(refusal)
    expect(json['request']).toBeUndefined()
  })

  it('by a policy is told with the request that a laxer one would send', async () => {
    const { json } = await ask({
      dialect: 'anthropic-messages',
      body: { ...forced, model: 'work/tiny', top_k: 3 },
      policy: 'strict',
    })
    expect(json).toMatchObject({
      verdicts: { strict: 'refuse', lenient: 'pass' },
      request: { body: { model: 'tiny' } },
      refusal: {
        status: 400,
        body: { type: 'error', error: { message: expect.stringContaining('top_k') } },
      },
    })
    expect(json['notes_header']).toBeUndefined()
  })
})

describe('what stays hidden', () => {
  const question = { body: chat }

  it.each<Role>(['admin', 'client'])(
    'from %s are keys and the values of configured headers',
    async (role) => {
      const { text } = await ask(question, role)
      expect(text).not.toContain(CANARY_KEY)
      expect(text).not.toContain(CANARY_HEADER)
    },
  )

  it('from all but the admin is where a provider is, and what its operator adds to its calls', async () => {
    const { json: all } = await ask(question, 'admin')
    expect(all['request']).toMatchObject({
      url: `${upstream.url}/${CANARY_PLACE}/v1/chat/completions?api-version=${CANARY_PLACE}`,
      headers: { authorization: '[secret]', 'x-team': '[secret]' },
    })
    const { json, text } = await ask(question, 'client')
    expect(json['request']).toMatchObject({ path: '/chat/completions', body: { messages } })
    expect(text).not.toContain(CANARY_PLACE)
    expect(text).not.toContain('x-team')
    expect(text).not.toContain('authorization')
    expect(text).not.toContain(new URL(upstream.url).host)
  })

  it('from a caller without a key is all that it may not use, and no name of it is told', async () => {
    expect(await ask(question, 'nobody')).toMatchObject({
      status: 401,
      json: { error: { code: 'missing_api_key' } },
    })
    const open = await ask({ dialect: 'ollama', body: { model: 'echo', messages } }, 'nobody')
    expect(open).toMatchObject({ status: 200, json: { model: { provider: 'plugin' } } })
    expect(open.text).not.toContain('listless')
    const unknown = await ask({ dialect: 'ollama', body: { model: 'tinny', messages } }, 'nobody')
    expect(unknown.text).not.toContain('listless')
  })

  it('is what a wrong key of ours would see', async () => {
    const wrong = await ask(question, 'nobody', { authorization: 'Bearer pb_live_wrong' })
    expect(wrong.status).toBe(401)
  })
})
