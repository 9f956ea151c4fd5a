// One provider over HTTP: what it sends, what it makes of answers good and bad, and what it never shows.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type TestClock, contextOf, drain, failureOf } from '../../test/context.ts'
import { type FakeUpstream, type ScriptedReply, openUpstream } from '../../test/fake-upstream.ts'
import {
  ENDING,
  completion,
  contentChunk,
  frame,
  json,
  modelList,
  stream,
  streamed,
} from '../../test/openai-replies.ts'
import { compact } from '../canonical/compact.ts'
import { collect } from '../canonical/collect.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { textOf } from '../canonical/part.ts'
import { createTransport } from '../transport/http-transport.ts'
import type { Transport } from '../transport/transport.ts'
import { customRow } from './custom.ts'
import { HttpProvider } from './http-provider.ts'
import { ollama as ollamaRow } from './ollama.ts'
import type { ProviderConfig } from './provider-config.ts'

const KEY = 'sk-canary-0123456789'

let upstream: FakeUpstream
let transport: Transport
let clock: TestClock

beforeEach(async () => {
  upstream = await openUpstream()
  transport = createTransport()
  clock = { nowMs: 1000 }
})

afterEach(async () => {
  vi.useRealTimers()
  await transport.close()
  await upstream.close()
})

/** A provider as `more` says; undefined leaves a field out. */
function provider(
  more: {
    readonly [K in keyof ProviderConfig]?: ProviderConfig[K] | undefined
  } = {},
): HttpProvider {
  const config: ProviderConfig = {
    providerType: 'custom',
    name: 'lab',
    baseUrl: `${upstream.url}/v1`,
    apiKey: KEY,
    ...compact({ defaultModel: 'tiny', ...more }),
  }
  return new HttpProvider(config, customRow(config), contextOf(transport, clock))
}

const HELLO = [{ role: 'user', content: 'hello' }] as const

function textIn(events: readonly ChatEvent[]): string {
  const { candidates } = collect({ origin: { dialect: 'library' }, model: '' }, events)
  return textOf(candidates[0]?.parts ?? [])
}

describe('chat', () => {
  it('sends the key, the model and the messages, and gives the answer with its numbers', async () => {
    upstream.reply(completion('Hi!'))
    const asked = provider().chat(HELLO, 'big', { temperature: 0.5, maxTokens: 9 })
    await upstream.nextRequest()
    clock.nowMs += 40
    const answer = await asked
    expect(answer).toMatchObject({
      content: 'Hi!',
      model: 'tiny',
      provider: 'lab',
      tokensUsed: 10,
      latencyMs: 40,
      finishReason: 'stop',
      toolCalls: [],
      parts: [{ type: 'text', text: 'Hi!' }],
    })
    expect(upstream.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      json: { model: 'big', messages: [{ role: 'user', content: 'hello' }], temperature: 0.5 },
    })
  })

  it('takes the default model, else the first configured one', async () => {
    upstream.answer(() => completion('ok'))
    await provider().chat(HELLO)
    await provider({ defaultModel: undefined, models: ['one', 'two'] }).chat(HELLO)
    expect(upstream.requests.map((request) => request.json)).toMatchObject([
      { model: 'tiny' },
      { model: 'one' },
    ])
  })

  it('asks for a model by name where none is known, instead of choosing a paid one', async () => {
    const failure = await failureOf(provider({ defaultModel: undefined }).chat(HELLO))
    expect(failure).toMatchObject({ kind: 'invalid_request', code: 'model_required' })
    expect(upstream.requests).toHaveLength(0)
  })

  it('sends extra headers, and the key the way the protocol takes it', async () => {
    upstream.answer(() => ({ status: 500 }))
    const settings = { headers: { 'X-Team': 'blue' }, auth: 'x-api-key' } as const
    await failureOf(provider({ settings }).chat(HELLO))
    const [seen] = upstream.requests
    expect(seen?.headers).toMatchObject({ 'x-team': 'blue', 'x-api-key': KEY })
    expect(seen?.headers.authorization).toBeUndefined()
  })

  it('speaks the protocol that settings.dialect names', async () => {
    upstream.answer(() => ({ status: 500 }))
    const settings = { dialect: 'anthropic-messages' }
    await failureOf(provider({ settings, baseUrl: upstream.url }).chat(HELLO))
    expect(upstream.requests[0]).toMatchObject({
      path: '/v1/messages',
      headers: { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' },
    })
  })

  it('reads a stream where the upstream answers with one unasked', async () => {
    upstream.reply(streamed(['Hel', 'lo']))
    await expect(provider().chat(HELLO)).resolves.toMatchObject({ content: 'Hello' })
  })

  it('reads past blank lines that keep the connection alive before the JSON', async () => {
    const { chunks = [] } = completion('late')
    upstream.reply({ chunks: ['\n\n', '\n', ...chunks] })
    await expect(provider().chat(HELLO)).resolves.toMatchObject({ content: 'late' })
  })

  it('gives tools their own names back', async () => {
    upstream.answer((request) => {
      const [name] = /weather[\w-]*/.exec(request.text) ?? ['']
      const call = { id: 'c1', type: 'function', function: { name, arguments: '{"a":1}' } }
      const message = { role: 'assistant', content: null, tool_calls: [call] }
      return json({ model: 'm', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] })
    })
    const tools = [{ kind: 'function', name: 'weather.today' } as const]
    const answer = await provider().chat(HELLO, 'm', { tools })
    expect(answer.toolCalls).toMatchObject([{ id: 'c1', name: 'weather.today', json: { a: 1 } }])
    expect(upstream.requests[0]?.text).not.toContain('weather.today')
  })
})

describe('stream', () => {
  it('gives the events of the answer, ending in response-end', async () => {
    upstream.reply(streamed(['Hel', 'lo']))
    const events = await drain(provider().stream(HELLO))
    expect(textIn(events)).toBe('Hello')
    expect(events[0]).toMatchObject({ type: 'response-start' })
    expect(events.at(-1)).toMatchObject({ type: 'response-end' })
    expect(upstream.requests[0]?.json).toMatchObject({ stream: true })
  })

  it('takes a whole answer where a stream was asked for', async () => {
    upstream.reply(completion('whole'))
    const events = await drain(provider().stream(HELLO))
    expect(textIn(events)).toBe('whole')
    expect(events.at(-1)).toMatchObject({ type: 'response-end' })
  })

  it('closes the upstream connection when the reader leaves', async () => {
    upstream.reply(stream([contentChunk('one')], 'stall'))
    for await (const event of provider().stream(HELLO)) {
      if (event.type === 'part-start') break
    }
    await upstream.requests[0]?.closed
    expect(upstream.requests).toHaveLength(1)
  })

  it('closes it when the caller aborts while the upstream is silent', async () => {
    upstream.reply(stream([contentChunk('one')], 'stall'))
    const controller = new AbortController()
    const events: ChatEvent[] = []
    for await (const event of provider().stream(HELLO, 'm', { signal: controller.signal })) {
      events.push(event)
      controller.abort()
    }
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'cancelled' } })
    await upstream.requests[0]?.closed
  })

  it('uses the connection again after a stream that was read to its end', async () => {
    upstream.answer(() => streamed(['a']))
    const lab = provider()
    for (let count = 0; count < 3; count += 1) {
      await drain(lab.stream(HELLO))
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    expect(upstream.connections).toBe(1)
  })

  it('ends in an error when the upstream dies early, never in a clean stop', async () => {
    for (const ending of ['end', 'cut', 'reset'] as const) {
      upstream.reply(stream([contentChunk('one')], ending))
      const events = await drain(provider().stream(HELLO))
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'upstream' } })
    }
  })

  it('ends in an error when the upstream stops sending', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    upstream.reply(stream([contentChunk('one')], 'stall'))
    const events = provider({ timeout: 5 }).stream(HELLO)[Symbol.asyncIterator]()
    await events.next()
    await events.next()
    const rest = drain({ [Symbol.asyncIterator]: () => events })
    await vi.advanceTimersByTimeAsync(5000)
    expect((await rest).at(-1)).toMatchObject({
      type: 'error',
      error: {
        kind: 'timeout',
        code: 'upstream_timeout',
        message: expect.stringContaining('"lab"'),
      },
    })
  })

  it('passes over what comes after the end', async () => {
    upstream.reply(stream([contentChunk('a'), ...ENDING, contentChunk('ghost')]))
    const events = await drain(provider().stream(HELLO))
    expect(textIn(events)).toBe('a')
    expect(events.at(-1)).toMatchObject({ type: 'response-end' })
  })

  it('ends in an error when bytes are no frames', async () => {
    upstream.reply(stream([contentChunk('a'), 'data: {not json\n\n']))
    const events = await drain(provider().stream(HELLO))
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'upstream' } })
  })

  it('rejects with the real kind when the first event is an error', async () => {
    const error = { message: 'slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded' }
    upstream.reply(stream([frame({ error })]))
    const failure = await failureOf(drain(provider().stream(HELLO)))
    expect(failure).toMatchObject({ kind: 'rate_limit', upstream: { provider: 'lab' } })
  })
})

describe('refusals', () => {
  it.each([
    [400, 'invalid_request'],
    [401, 'auth'],
    [403, 'permission'],
    [404, 'not_found'],
    [413, 'request_too_large'],
    [429, 'rate_limit'],
    [500, 'internal'],
    [503, 'overloaded'],
    [504, 'timeout'],
  ])('%i is %s, with provider and status, streamed or not', async (status, kind) => {
    const reply = json({ error: { message: 'no', type: 'x' } }, status)
    upstream.answer(() => reply)
    const expected = { kind, origin: 'upstream', upstream: { provider: 'lab', status } }
    expect(await failureOf(provider().chat(HELLO))).toMatchObject(expected)
    expect(await failureOf(drain(provider().stream(HELLO)))).toMatchObject(expected)
  })

  it('passes on how long to wait', async () => {
    upstream.reply({ ...json({ error: { message: 'no' } }, 429), headers: { 'retry-after': '7' } })
    expect(await failureOf(provider().chat(HELLO))).toMatchObject({ retryAfterMs: 7000 })
  })

  it('finds the error under a success status', async () => {
    upstream.reply(json({ error: { message: 'no credit', code: 402 } }))
    const failure = await failureOf(provider().chat(HELLO))
    expect(failure).toMatchObject({ message: expect.stringContaining('no credit') })
    expect(failure).toMatchObject({ origin: 'upstream', upstream: { status: 200 } })
  })

  it('never shows the key that an upstream quotes', async () => {
    const error = { message: `Incorrect API key ${KEY}`, type: 'auth', param: KEY, code: null }
    upstream.answer(() => ({ ...json({ error }, 401), headers: { 'x-request-id': 'r1' } }))
    const failure = await failureOf(provider().chat(HELLO))
    expect(failure).toMatchObject({ kind: 'auth', upstream: { requestId: 'r1' } })
    expect(everythingIn(failure)).not.toContain(KEY)
    expect(everythingIn(await failureOf(drain(provider().stream(HELLO))))).not.toContain(KEY)
  })

  it.each<[string, ScriptedReply]>([
    ['HTML', { headers: { 'content-type': 'text/html' }, chunks: ['<h1>Welcome</h1>'] }],
    ['nothing', {}],
    ['other JSON', json({ hello: 'world' })],
    ['a list', json([1, 2])],
    ['half of JSON', { chunks: ['{"choices":['] }],
  ])('calls %s instead of an answer an upstream failure', async (_name, reply) => {
    upstream.reply(reply)
    const failure = await failureOf(provider().chat(HELLO))
    expect(failure).toMatchObject({ kind: 'upstream', origin: 'upstream' })
    expect(String(failure)).not.toContain('<h1>')
  })

  it('names the provider when nobody listens, and neither host nor key', async () => {
    const failure = await failureOf(provider({ baseUrl: 'http://127.0.0.1:1/v1' }).chat(HELLO))
    expect(failure).toMatchObject({ kind: 'upstream', code: 'upstream_unreachable' })
    expect(String(failure)).toContain('Provider "lab"')
    expect(everythingIn(failure)).not.toContain(KEY)
    expect(String(failure)).not.toContain('127.0.0.1')
  })

  it("gives up on the first byte after the provider's own timeout", async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    upstream.reply({ ending: 'silent' })
    const failure = failureOf(provider({ timeout: 3 }).chat(HELLO))
    const seen = await upstream.nextRequest()
    await vi.advanceTimersByTimeAsync(3000)
    expect(await failure).toMatchObject({ kind: 'timeout', code: 'upstream_timeout' })
    await seen.closed
  })

  it('refuses before any call what the policy does not let pass', async () => {
    const opaque = {
      type: 'opaque',
      origin: { dialect: 'elsewhere' },
      what: 'hosted_search',
      native: {},
    } as const
    const messages = [{ role: 'user', content: [opaque] }] as const
    const failure = await failureOf(provider().chat(messages, 'm', { policy: 'strict' }))
    expect(failure).toMatchObject({ kind: 'unsupported', code: 'translation_refused' })
    expect(failure).toMatchObject({ param: expect.stringContaining('turns[0]') })
    expect(upstream.requests).toHaveLength(0)
  })
})

/** Message, fields, cause and all. */
function everythingIn(thrown: unknown): string {
  if (!(thrown instanceof Error)) return JSON.stringify(thrown)
  const own = JSON.stringify(Object.entries(thrown))
  return `${thrown.message} ${own} ${thrown.cause === undefined ? '' : everythingIn(thrown.cause)}`
}

describe('models', () => {
  it('lists what the upstream lists, after what is configured', async () => {
    upstream.answer(() => modelList(['a', 'b']))
    await expect(provider().listModels()).resolves.toEqual(['a', 'b'])
    await expect(provider({ models: ['b', 'c'] }).listModels()).resolves.toEqual(['b', 'c', 'a'])
    expect(upstream.requests[0]).toMatchObject({ method: 'GET', path: '/v1/models' })
  })

  it('keeps a list for a minute', async () => {
    upstream.answer(() => modelList(['a']))
    const lab = provider()
    await lab.listModels()
    clock.nowMs += 59_999
    await lab.listModels()
    expect(upstream.requests).toHaveLength(1)
    clock.nowMs += 1
    await lab.listModels()
    expect(upstream.requests).toHaveLength(2)
  })

  it('has the configured ones where the upstream cannot list', async () => {
    upstream.answer(() => json({ error: { message: 'no such path' } }, 404))
    await expect(provider({ models: ['mine'] }).listModels()).resolves.toEqual(['mine'])
    expect(await failureOf(provider().listModels())).toMatchObject({ kind: 'not_found' })
  })
})

describe('health', () => {
  it('is good when the free list call answers', async () => {
    upstream.answer(() => modelList([]))
    await expect(provider().healthCheck()).resolves.toBe(true)
    expect(upstream.requests.map((request) => request.method)).toEqual(['GET'])
  })

  it('is good when the host answers but has no list', async () => {
    upstream.answer(() => json({ error: { message: 'no such path' } }, 404))
    await expect(provider().healthCheck()).resolves.toBe(true)
  })

  it('is bad, with the reason, when the key is refused', async () => {
    upstream.answer(() => json({ error: { message: `bad key ${KEY}` } }, 401))
    const report = await provider().checkHealth()
    expect(report).toMatchObject({
      healthy: false,
      reason: 'Provider "lab" refused the key (auth).',
    })
    expect(JSON.stringify(report)).not.toContain(KEY)
  })

  it('says whether the key is taken, refused or was not looked at', async () => {
    upstream.answer(() => modelList(['tiny']))
    await expect(provider().checkHealth()).resolves.toMatchObject({ key: 'ok' })
    upstream.answer(() => json({ error: { message: 'No.' } }, 401))
    await expect(provider().checkHealth()).resolves.toMatchObject({ key: 'invalid' })
    upstream.answer(() => json({ error: { message: 'Down.' } }, 503))
    await expect(provider().checkHealth()).resolves.toMatchObject({ key: 'unknown' })
    upstream.answer(() => json({}, 404))
    const unlisted = await provider().checkHealth()
    expect(unlisted).toMatchObject({ healthy: true, key: 'unknown' })
  })

  it('is remembered for what it lists, without asking again', async () => {
    upstream.answer(() => modelList(['tiny', 'large']))
    const lab = provider()
    expect(lab.rememberedModels).toEqual([])
    await lab.checkHealth()
    expect(lab.rememberedModels.map(({ id }) => id)).toEqual(['tiny', 'large'])
    await lab.listModels()
    expect(upstream.requests).toHaveLength(1)
  })

  it('is looked for where the host says that it is there, where it says so', async () => {
    upstream.answer(() => json({ version: '0.9.0' }))
    const config = { providerType: 'ollama', name: 'ollama', baseUrl: upstream.url }
    const ollama = new HttpProvider(config, ollamaRow, contextOf(transport, clock))
    await expect(ollama.probe()).resolves.toMatchObject({ healthy: true })
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/api/version'])
    upstream.answer(() => json({}, 500))
    expect(await ollama.probe()).toEqual({
      healthy: false,
      reason: expect.any(String),
      latencyMs: 0,
      checkedAtMs: 1000,
    })
    expect(await ollama.checkHealth()).not.toHaveProperty('key')
    upstream.answer(() => modelList(['tiny']))
    await provider().probe()
    expect(upstream.requests.at(-1)?.path).toBe('/v1/models')
  })

  it('is bad when nobody listens, and does not throw', async () => {
    await expect(provider({ baseUrl: 'http://127.0.0.1:1' }).healthCheck()).resolves.toBe(false)
  })

  it('is bad when the host is silent for five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    upstream.reply({ ending: 'silent' })
    const report = provider().checkHealth()
    await upstream.nextRequest()
    await vi.advanceTimersByTimeAsync(5000)
    await expect(report).resolves.toMatchObject({ healthy: false })
  })

  it('asks nobody when the provider is disabled', async () => {
    await expect(provider({ enabled: false }).healthCheck()).resolves.toBe(false)
    expect(upstream.requests).toHaveLength(0)
  })
})

describe('the tracker', () => {
  it('counts calls, failures, latency and tokens, streamed or not', async () => {
    const lab = provider()
    upstream.reply(completion('a'))
    upstream.reply(streamed(['b']))
    upstream.reply(json({ error: { message: 'no' } }, 500))
    upstream.reply(stream([contentChunk('one')], 'cut'))
    await lab.chat(HELLO)
    await drain(lab.stream(HELLO))
    await failureOf(lab.chat(HELLO))
    await drain(lab.stream(HELLO))
    expect(lab.tracker.stats()).toMatchObject({
      requests: 4,
      errors: 2,
      inFlight: 0,
      inputTokens: 14,
      outputTokens: 6,
    })
  })

  it('does not count a reader that left as a failure', async () => {
    const lab = provider()
    upstream.reply(stream([contentChunk('one')], 'stall'))
    for await (const _event of lab.stream(HELLO)) break
    expect(lab.tracker.stats()).toMatchObject({ requests: 1, errors: 0, inFlight: 0 })
  })
})
