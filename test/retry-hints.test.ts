// What providers say of their limits, end to end: when to come again, in each protocol's own form, and what is left.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Json, ObjectReader, isArray } from '../src/wire/json.ts'
import { type FakeUpstream, type ScriptedReply, openUpstream } from './fake-upstream.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'

let upstream: FakeUpstream
let gateway: OpenGateway

beforeAll(async () => {
  upstream = await openUpstream()
  gateway = await openGateway({
    providers: [
      { providerType: 'custom', name: 'chat', baseUrl: `${upstream.url}/v1`, models: ['m'] },
      {
        providerType: 'custom',
        name: 'google',
        baseUrl: `${upstream.url}/v1beta`,
        models: ['m'],
        settings: { dialect: 'gemini' },
      },
      {
        providerType: 'custom',
        name: 'claude',
        baseUrl: upstream.url,
        models: ['m'],
        settings: { dialect: 'anthropic-messages' },
      },
    ],
  })
})

afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

beforeEach(() => upstream.answer(() => limited({ 'retry-after': '34.4' })))

function limited(headers: Readonly<Record<string, string>>, error: Json = LIMIT): ScriptedReply {
  return { status: 429, headers, chunks: [JSON.stringify({ error })] }
}

const LIMIT = { message: 'Slow down.', type: 'requests', code: 'rate_limit_exceeded' }
const EMPTY = { message: 'No credit.', type: 'insufficient_quota', code: 'insufficient_quota' }
const HELLO = [{ role: 'user', content: 'Hi' }]

/** A call in each protocol. */
const FRONTS: readonly (readonly [front: string, path: string, body: (model: string) => Json])[] = [
  ['openai-chat', '/v1/chat/completions', (model) => ({ model, messages: HELLO })],
  ['openai-responses', '/v1/responses', (model) => ({ model, input: 'Hi', store: false })],
  ['anthropic-messages', '/v1/messages', (model) => ({ model, messages: HELLO, max_tokens: 9 })],
  ['mistral-chat', '/mistral/v1/chat/completions', (model) => ({ model, messages: HELLO })],
  ['ollama', '/ollama/api/chat', (model) => ({ model, messages: HELLO, stream: false })],
  [
    'gemini',
    '/v1beta/models/MODEL:generateContent',
    () => ({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
  ],
]

function frontOf(id: string): (typeof FRONTS)[number] {
  const found = FRONTS.find(([front]) => front === id)
  if (found === undefined) throw new Error(`there is no front ${id}`)
  return found
}

async function call(
  [, path, body]: (typeof FRONTS)[number],
  provider: string,
): Promise<{ readonly response: Response; readonly body: Json }> {
  const model = `${provider}/m`
  const response = await fetch(gateway.url + path.replace('MODEL', encodeURIComponent(model)), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.clientKey}` },
    body: JSON.stringify(body(model)),
  })
  return { response, body: JSON.parse(await response.text()) }
}

async function limitsOf(provider: string): Promise<ObjectReader | undefined> {
  const response = await fetch(`${gateway.url}/api/status`, {
    headers: { authorization: `Bearer ${gateway.adminToken}` },
  })
  const status = ObjectReader.of(JSON.parse(await response.text()), '')
  const all = status.items('providers').map(({ value, path }) => ObjectReader.of(value, path))
  return all.find((one) => one.string('name') === provider)?.optionalObject('limits')
}

describe('a wait that a provider asks for', () => {
  it.each(FRONTS)('is told in %s, in whole seconds and in milliseconds', async (...front) => {
    const { response } = await call(front, 'chat')
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('35')
    expect(response.headers.get('x-should-retry')).toBe('true')
    expect(response.headers.get('retry-after-ms')).toBe('34400')
  })

  it('stands in the body too where the protocol has it there', async () => {
    const { body } = await call(frontOf('gemini'), 'chat')
    const details = ObjectReader.of(body, '').object('error').value('details')
    expect(isArray(details) ? details : []).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: '35s',
    })
  })

  it.each(FRONTS)('is not told in %s where waiting heals nothing', async (...front) => {
    upstream.answer(() => limited({ 'retry-after': '60' }, EMPTY))
    const { response, body } = await call(front, 'chat')
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(response.headers.get('retry-after')).toBeNull()
    expect(response.headers.get('retry-after-ms')).toBeNull()
    expect(JSON.stringify(body)).not.toContain('retryDelay')
  })

  it.each(FRONTS)('is not told in %s of a request that is wrong', async (...front) => {
    upstream.answer(() => ({
      status: 400,
      headers: { 'retry-after': '60' },
      chunks: [JSON.stringify({ error: { message: 'Bad.', type: 'invalid_request_error' } })],
    }))
    const { response } = await call(front, 'chat')
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(response.headers.get('retry-after')).toBeNull()
  })

  it.each([
    ['in the details', [{ '@type': 'x.google.rpc.RetryInfo', retryDelay: '34.4s' }], 'Too many.'],
    ['in the words', [], 'Too many. Please retry in 34.4s.'],
  ])('is found %s of Google', async (_, details, message) => {
    const error = { code: 429, status: 'RESOURCE_EXHAUSTED', message, details }
    upstream.answer(() => limited({}, error))
    const { response } = await call(frontOf('openai-chat'), 'google')
    expect(response.headers.get('retry-after-ms')).toBe('34400')
    expect((await limitsOf('google'))?.optionalString('retry_at')).toMatch(/^\d{4}-/)
  })
})

describe('what is left', () => {
  it('is kept as it was last told, and shown by status, health and the command', async () => {
    const reset = '2099-01-01T00:00:00Z'
    upstream.answer(() =>
      limited({
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': reset,
      }),
    )
    await call(frontOf('openai-chat'), 'claude')
    const limits = await limitsOf('claude')
    expect(limits?.value('buckets')).toEqual([
      {
        name: 'requests',
        counts: 'requests',
        limit: 50,
        remaining: 0,
        reset_at: '2099-01-01T00:00:00.000Z',
      },
    ])
    // Later answers that speak of no limit leave it as it is.
    upstream.answer(() => ({ status: 404 }))
    const health = await fetch(`${gateway.url}/api/providers/health`, {
      headers: { authorization: `Bearer ${gateway.clientKey}` },
    })
    const body: unknown = JSON.parse(await health.text())
    expect(body).toMatchObject({ providers: { claude: { limits: { buckets: [{ limit: 50 }] } } } })
  })
})
