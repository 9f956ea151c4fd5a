// Time: what the client gives, what a provider gets for each phase, and what is not tried any more because it could not end in time.
import { OpenAI } from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Happening } from '../../src/exchange/happening.ts'
import type { ProviderSettings } from '../../src/providers/provider-config.ts'
import type { Json } from '../../src/wire/json.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { completion, contentChunk, json, stream } from '../openai-replies.ts'

const MESSAGES = [{ role: 'user', content: 'Hi' }]
const SILENT = { ending: 'silent' } as const

let slow: FakeUpstream
let quick: FakeUpstream
let gateway: OpenGateway
let facts: Happening[]

async function open(settings: ProviderSettings = {}): Promise<void> {
  gateway = await openGateway({
    providers: [slow, quick].map(({ url }, at) => ({
      providerType: 'custom',
      name: at === 0 ? 'slow' : 'quick',
      baseUrl: `${url}/v1`,
      models: ['m'],
      settings: at === 0 ? settings : {},
    })),
    drainMs: 100,
  })
  facts = []
  gateway.gateway.manager.happenings.listen((fact) => facts.push(fact))
}

beforeEach(async () => {
  slow = await openUpstream()
  quick = await openUpstream()
  slow.answer(() => SILENT)
  quick.answer(() => completion('Quick.'))
})

afterEach(async () => {
  await gateway.close()
  await slow.close()
  await quick.close()
})

interface Asked {
  readonly model?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly more?: { readonly [key: string]: Json }
  readonly path?: string
}

interface Told {
  readonly status: number
  readonly text: string
  readonly ms: number
  readonly header: (name: string) => string | null
}

async function ask({ model = 'slow/m', headers = {}, more = {}, path }: Asked = {}): Promise<Told> {
  const startedAt = performance.now()
  const response = await fetch(gateway.url + (path ?? '/v1/chat/completions'), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${gateway.clientKey}`,
      ...headers,
    },
    body: JSON.stringify({ model, messages: MESSAGES, max_tokens: 9, stream: false, ...more }),
  })
  const text = await response.text()
  const ms = performance.now() - startedAt
  return { status: response.status, text, ms, header: (name) => response.headers.get(name) }
}

function fallback(timeoutMs?: number): void {
  const targets = [{ model: 'slow/m' }, { model: 'quick/m' }]
  gateway.gateway.manager.routes.set({
    name: 'smart',
    targets,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
}

describe('F103 a client that waits for less than the provider takes', () => {
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['x-patchbay-timeout-ms', { 'x-patchbay-timeout-ms': '300' }, 300],
    ['X-Stainless-Timeout', { 'x-stainless-timeout': '1' }, 1000],
    ['the smaller of both', { 'x-patchbay-timeout-ms': '200', 'x-stainless-timeout': '1' }, 200],
  ])(
    'by %s sees 504 deadline_exceeded then, and the provider is left',
    async (_how, headers, ms) => {
      await open()
      fallback()
      const asked = ask({ model: 'smart', headers })
      const { closed } = await slow.nextRequest()
      const told = await asked
      await closed
      expect([told.status, told.header('x-patchbay-error')]).toEqual([504, 'deadline_exceeded'])
      expect(told.header('x-should-retry')).toBe('false')
      expect(told.header('x-patchbay-trail')).toBe('slow/m=deadline_exceeded')
      expect(told.ms).toBeGreaterThan(ms - 10)
      expect(quick.requests).toEqual([])
      expect(facts).toContainEqual(
        expect.objectContaining({
          type: 'attempt-failed',
          error: expect.objectContaining({ code: 'deadline_exceeded' }),
        }),
      )
      expect(
        gateway.gateway.manager.targets.standing({ provider: 'slow', model: 'm' }),
      ).toMatchObject({
        state: 'closed',
        inFlight: 0,
      })
    },
  )

  it.each(['/v1/messages', '/mistral/v1/chat/completions', '/ollama/api/chat', '/api/chat'])(
    'is told so at %s too',
    async (path) => {
      await open()
      const more = path === '/api/chat' ? { messages: null, message: 'Hi' } : {}
      const { status, header } = await ask({
        path,
        headers: { 'x-patchbay-timeout-ms': '50' },
        more: path === '/api/chat' ? { message: 'Hi' } : more,
      })
      expect([status, header('x-patchbay-error')]).toEqual([504, 'deadline_exceeded'])
    },
  )

  it('a route gives its calls a time too', async () => {
    await open()
    fallback(60)
    const { status } = await ask({ model: 'smart' })
    expect(status).toBe(504)
  })

  it.each([
    ['x-patchbay-timeout-ms', '0'],
    ['x-patchbay-timeout-ms', '-5'],
    ['x-patchbay-timeout-ms', '1e9'],
    ['x-patchbay-timeout-ms', 'soon'],
    ['x-stainless-timeout', 'NaN'],
  ])('that says %s: %s is refused with what to send', async (name, value) => {
    await open()
    const { status, text } = await ask({ headers: { [name]: value } })
    expect(status).toBe(400)
    expect(text).toContain(name)
    expect(text).toContain('invalid_timeout')
    expect(slow.requests).toEqual([])
  })
})

describe('F016 a provider that reads and never answers', () => {
  it('another target answers once the time to the head is over', async () => {
    await open({ firstByteTimeout: 0.15, wholeTimeout: 0.15 })
    fallback()
    for (const more of [{}, { stream: true }]) {
      const { status, header } = await ask({ model: 'smart', more })
      expect(status).toBe(200)
      expect(header('x-patchbay-trail')).toBe('slow/m=upstream_timeout; quick/m=ok')
    }
    expect(facts).toContainEqual(
      expect.objectContaining({ type: 'attempt-answered', replay: true }),
    )
  })

  it('else the client sees 504 upstream_timeout at that time, with the phase', async () => {
    await open({ wholeTimeout: 0.15 })
    const { status, text, header, ms } = await ask()
    expect([status, header('x-patchbay-error')]).toEqual([504, 'upstream_timeout'])
    expect(text).toContain('No answer within 0.15 s')
    expect(ms).toBeGreaterThan(140)
    expect(slow.requests).toHaveLength(1)
  })
})

describe('F090 a stream that never ends', () => {
  it('ends in an error in it once the call’s time is over', async () => {
    await open()
    slow.answer(() => stream([contentChunk('On')], 'stall'))
    const { status, text, ms } = await ask({
      headers: { 'x-patchbay-timeout-ms': '250' },
      more: { stream: true },
    })
    expect(status).toBe(200)
    expect(text).toContain('deadline_exceeded')
    expect(text).not.toContain('"finish_reason":"stop"')
    expect(ms).toBeGreaterThan(240)
    expect(facts.at(-1)).toMatchObject({ type: 'call-ended', outcome: 'failed' })
  })

  it('of signs of life alone ends once there was no word for too long', async () => {
    await open({ contentTimeout: 0.2 })
    slow.answer(() => stream([contentChunk('On')], 'stall'))
    const asked = ask({ more: { stream: true } })
    const request = await slow.nextRequest()
    const beat = setInterval(() => request.write(': ping\n\n'), 20)
    const { text } = await asked
    clearInterval(beat)
    expect(text).toContain('"On"')
    expect(text).toContain('signs of life')
  })
})

describe('F104 an SDK that tries again on top of us', () => {
  it('is told not to once our attempts are spent: the provider sees three requests at the most', async () => {
    await open()
    slow.answer(() => json({ error: { message: 'Broken.' } }, 500))
    const client = new OpenAI({
      baseURL: `${gateway.url}/v1`,
      apiKey: gateway.clientKey,
      maxRetries: 2,
    })
    await expect(
      client.chat.completions.create({
        model: 'slow/m',
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    ).rejects.toMatchObject({ status: 502 })
    expect(slow.requests.length).toBeLessThanOrEqual(3)
  })

  it('gets one attempt at each target when it says that it has tried before', async () => {
    await open()
    slow.answer(() => json({ error: { message: 'Broken.' } }, 500))
    const headers = { 'x-stainless-retry-count': '1' }
    expect((await ask({ headers })).header('x-patchbay-attempts')).toBe('1')
    fallback()
    expect((await ask({ model: 'smart', headers })).header('x-patchbay-trail')).toBe(
      'slow/m=internal; quick/m=ok',
    )
    expect(facts).toContainEqual(expect.objectContaining({ type: 'client-retry-seen', count: 1 }))
  })
})

describe('a text that is too long for a target', () => {
  it('goes on to one with more room, and never where the content is refused', async () => {
    await open()
    fallback()
    slow.reply(json({ error: { message: 'Too long.', code: 'context_length_exceeded' } }, 400))
    const long = await ask({ model: 'smart' })
    expect([long.status, long.header('x-patchbay-provider')]).toEqual([200, 'quick'])
    slow.reply(json({ error: { message: 'No.', code: 'content_policy_violation' } }, 400))
    const bad = await ask({ model: 'smart' })
    expect([bad.status, bad.header('x-patchbay-attempts')]).toEqual([400, '1'])
  })
})
