// The cache of answers at a real gateway: who asks for it gets the same answer again, in whatever form, and nobody gets what is not theirs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Happening } from '../src/exchange/happening.ts'
import type { Json } from '../src/wire/json.ts'
import { type FakeUpstream, type ScriptedReply, openUpstream } from './fake-upstream.ts'
import { type GatewaySetup, type OpenGateway, localHost, openGateway } from './open-gateway.ts'
import { asAsked, contentChunk, json, stream } from './openai-replies.ts'

let upstream: FakeUpstream
let gateway: OpenGateway
let happened: Happening[]
let nowMs: number

async function open(config: GatewaySetup['config'] = {}): Promise<void> {
  gateway = await openGateway({
    providers: [localHost('home', upstream)],
    now: () => nowMs,
    hear: (happening) => happened.push(happening),
    config,
  })
}

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1)
  happened = []
  upstream = await openUpstream()
  let answers = 0
  upstream.answer(({ json: body }) => {
    answers += 1
    return asAsked(body, ['Answer ', `number ${answers}.`])
  })
})

afterEach(async () => {
  await gateway.close()
  await upstream.close()
})

interface Ask {
  readonly path?: string
  readonly body?: { readonly [key: string]: Json }
  readonly headers?: Readonly<Record<string, string>>
  /** Default: none. */
  readonly key?: string
  readonly cache?: string
}

interface Answer {
  readonly status: number
  readonly cache: string | null
  readonly text: string
  readonly headers: Headers
}

async function ask({
  path = '/v1/chat/completions',
  cache = 'use',
  ...more
}: Ask = {}): Promise<Answer> {
  const { body = {}, headers = {}, key } = more
  const answer = await fetch(gateway.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(cache === '' ? {} : { 'x-patchbay-cache': cache }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify({ model: 'home/m', messages: [{ role: 'user', content: 'Hi' }], ...body }),
  })
  const { status } = answer
  const told = answer.headers
  return { status, cache: told.get('x-patchbay-cache'), text: await answer.text(), headers: told }
}

function facts(): readonly string[] {
  return happened.flatMap((happening) => {
    if (!happening.type.startsWith('cache-')) return []
    const why = 'reason' in happening ? ` ${happening.reason}` : ''
    return [`${happening.type}${why}`]
  })
}

const STREAM = { stream: true, stream_options: { include_usage: true } } as const

describe('who asks', () => {
  it('nobody by default: every call is made, and nothing is said of a cache', async () => {
    await open()
    const [first, second] = [await ask({ cache: '' }), await ask({ cache: '' })]
    expect([first.cache, second.cache]).toEqual([null, null])
    expect(upstream.requests).toHaveLength(2)
    expect(facts()).toEqual([])
  })

  it('a caller by a header: the same call is answered again as it was, with its age, at no cost', async () => {
    await open()
    const first = await ask()
    nowMs += 61_500
    const second = await ask()
    expect([first.cache, second.cache]).toEqual(['miss', 'hit'])
    expect(second.text).toBe(first.text)
    expect(second.headers.get('age')).toBe('61')
    expect(second.headers.get('x-patchbay-cost')).toBe('0')
    for (const name of ['x-patchbay-provider', 'x-patchbay-model', 'x-patchbay-lane']) {
      expect(second.headers.get(name)).toBe(first.headers.get(name))
    }
    expect(upstream.requests).toHaveLength(1)
    expect(facts()).toEqual(['cache-miss', 'cache-stored', 'cache-hit'])
    const ends = happened.filter(({ type }) => type === 'call-ended')
    expect(ends.map((end) => 'cached' in end && end.cached)).toEqual([false, true])
  })

  it('a route for all its callers, who may still refuse', async () => {
    await open({
      routes: [{ name: 'smart', targets: [{ model: 'home/m' }], cache: { ttlMs: 60_000 } }],
    })
    const smart = { body: { model: 'smart' }, cache: '' }
    expect((await ask(smart)).cache).toBe('miss')
    expect((await ask(smart)).cache).toBe('hit')
    expect((await ask({ ...smart, cache: 'no-store' })).cache).toBe('bypass')
    nowMs += 60_001
    expect((await ask(smart)).cache).toBe('miss')
    expect((await ask({ cache: '' })).cache).toBe(null)
  })

  it('for a time, and for a new answer', async () => {
    await open({ cache: { maxTtlMs: 100_000 } })
    await ask({ cache: 'ttl=10' })
    nowMs += 10_001
    expect((await ask({ cache: 'ttl=10000' })).cache).toBe('miss')
    nowMs += 99_000
    const old = await ask()
    expect(old.cache).toBe('hit')
    const fresh = await ask({ cache: 'refresh' })
    expect(fresh.cache).toBe('miss')
    expect(fresh.text).not.toBe(old.text)
    expect((await ask()).text).toBe(fresh.text)
    nowMs += 300_000
    expect((await ask()).cache).toBe('miss')
  })

  it('nobody where the operator says so', async () => {
    await open({ cache: { enabled: false } })
    expect([(await ask()).cache, (await ask()).cache]).toEqual([null, null])
    expect(upstream.requests).toHaveLength(2)
  })

  it('in words that are understood', async () => {
    await open()
    const { status, text } = await ask({ cache: 'public' })
    expect(status).toBe(400)
    expect(text).toContain('unknown_cache_directive')
    expect(upstream.requests).toHaveLength(0)
  })
})

describe('what is the same call', () => {
  it.each<readonly [string, Ask]>([
    ['another question', { body: { messages: [{ role: 'user', content: 'Ho' }] } }],
    ['another setting', { body: { temperature: 0.5 } }],
    ['a field that only its protocol knows', { body: { made_up: 1 } }],
    ['another policy', { headers: { 'x-patchbay-policy': 'strict' } }],
    ['another end user', { body: { user: 'bob' } }],
    ['another protocol', { path: '/v1/messages', body: { max_tokens: 100 } }],
  ])('is not %s', async (_, other) => {
    await open()
    await ask()
    expect((await ask(other)).cache).toBe('miss')
    expect((await ask()).cache).toBe('hit')
  })

  it('is not that of another key: no caller gets the answer of another', async () => {
    await open()
    const mine = await ask()
    const theirs = await ask({ key: gateway.clientKey })
    expect(theirs.cache).toBe('miss')
    expect(theirs.text).not.toBe(mine.text)
    expect((await ask({ key: gateway.clientKey })).text).toBe(theirs.text)
  })

  it('is the same in another order of its fields', async () => {
    await open()
    await ask({ body: { temperature: 0, top_p: 1 } })
    expect((await ask({ body: { top_p: 1, temperature: 0 } })).cache).toBe('hit')
  })
})

/** The answer of each call has an id of its own where its protocol wants one and the provider gave none. */
function withoutIds(text: string): string {
  return text.replaceAll(/"id":"[^"]*"/g, '"id":""')
}

describe('streams', () => {
  it.each([
    ['/v1/chat/completions', STREAM],
    ['/v1/messages', { stream: true, max_tokens: 100 }],
  ])('are given again as the streams that they were (%s)', async (path, body) => {
    await open()
    const first = await ask({ path, body })
    const second = await ask({ path, body })
    expect([first.cache, second.cache]).toEqual(['miss', 'hit'])
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect(withoutIds(second.text)).toBe(withoutIds(first.text))
    expect(upstream.requests).toHaveLength(1)
  })

  it('and whole answers are made of each other, with all that was said', async () => {
    await open()
    const first = await ask()
    const second = await ask({ body: STREAM })
    expect(second.cache).toBe('hit')
    expect(second.text).toContain('Answer number 1.')
    expect(second.text).toContain('"total_tokens":10')
    expect(second.text).toContain('[DONE]')
    await ask({ cache: 'refresh', body: STREAM })
    const third = await ask()
    expect(third.cache).toBe('hit')
    expect(third.text).toContain('"content":"Answer number 2."')
    expect(third.text).toContain('"total_tokens":10')
    expect(first.status).toBe(200)
    expect(upstream.requests).toHaveLength(2)
  })

  it('that were asked not to count are not made whole answers, which do', async () => {
    await open()
    const chunks = [contentChunk('Hi'), finish('stop'), 'data: [DONE]\n\n']
    upstream.reply(stream(chunks))
    await ask({ body: { stream: true } })
    expect((await ask({ body: { stream: true } })).cache).toBe('hit')
    expect((await ask()).cache).toBe('miss')
  })
})

function finish(reason: string): string {
  const choices = [{ index: 0, delta: {}, finish_reason: reason }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`
}

describe('what is never kept', () => {
  it.each<readonly [string, ScriptedReply, string]>([
    ['an error', json({ error: { message: 'No.' } }, 400), ''],
    [
      'an error in a stream',
      stream([contentChunk('a'), 'data: {"error":{"message":"x"}}\n\n']),
      'failed',
    ],
    ['a stream that breaks', stream([contentChunk('a')], 'cut'), 'failed'],
    ['a stream that ends early', stream([contentChunk('a')]), 'failed'],
    [
      'an answer that ran into its limit',
      stream([contentChunk('a'), finish('length'), 'data: [DONE]\n\n']),
      'cut-short',
    ],
    [
      'an answer that was filtered',
      stream([contentChunk('a'), finish('content_filter'), 'data: [DONE]\n\n']),
      'cut-short',
    ],
    [
      'an answer that is too long',
      stream([contentChunk('x'.repeat(3000)), finish('stop'), 'data: [DONE]\n\n']),
      'too-large',
    ],
  ])('%s', async (_, reply, why) => {
    await open({ cache: { maxAnswer: 2000 } })
    upstream.reply(reply)
    await ask({ body: STREAM })
    expect((await ask({ body: STREAM })).cache).toBe('miss')
    if (why !== '') expect(facts()).toContain(`cache-bypassed ${why}`)
  })

  it('an answer that its reader left', async () => {
    await open()
    upstream.reply(stream([contentChunk('Hello')], 'stall'))
    const leaving = new AbortController()
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-patchbay-cache': 'use' },
      body: JSON.stringify({
        model: 'home/m',
        messages: [{ role: 'user', content: 'Hi' }],
        ...STREAM,
      }),
      signal: leaving.signal,
    })
    await answer.body?.getReader().read()
    leaving.abort()
    await expect.poll(facts).toEqual(['cache-miss', 'cache-bypassed abandoned'])
  })

  it.each([
    ['keeps it at the provider', { store: true }, 'stored-upstream'],
    ['has tools that the provider runs', { tools: [{ type: 'web_search' }] }, 'hosted-tools'],
  ])('the answer to a call that %s', async (_, body, why) => {
    await open()
    const lenient = { headers: { 'x-patchbay-policy': 'lenient' } }
    const answers = [await ask({ body, ...lenient }), await ask({ body, ...lenient })]
    expect(answers.map(({ cache }) => cache)).toEqual(['bypass', 'bypass'])
    expect(facts()).toEqual([`cache-bypassed ${why}`, `cache-bypassed ${why}`])
    expect(upstream.requests).toHaveLength(2)
  })
})

describe('F154 the same call many times at once', () => {
  it('is made once for each caller, and all get the answer', async () => {
    await open()
    const crowd = Array.from({ length: 200 }, async (_, at) =>
      ask(at % 2 === 0 ? {} : { key: gateway.clientKey }),
    )
    const answers = await Promise.all(crowd)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(upstream.requests).toHaveLength(2)
    const [mine, theirs] = [0, 1].map(
      (rest) => new Set(answers.filter((_, at) => at % 2 === rest).map(({ text }) => text)),
    )
    expect(mine?.size).toBe(1)
    expect(theirs?.size).toBe(1)
    expect(mine).not.toEqual(theirs)
    expect(facts().filter((fact) => fact === 'cache-coalesced').length).toBeGreaterThan(0)
  })

  it('is made by others where the first gets nothing that can be kept', async () => {
    await open()
    upstream.reply(stream([contentChunk('a'), finish('length'), 'data: [DONE]\n\n']))
    const answers = await Promise.all([ask({ body: STREAM }), ask({ body: STREAM })])
    expect(answers.map(({ status, cache }) => `${status} ${cache}`)).toEqual([
      '200 miss',
      '200 miss',
    ])
  })

  it('is made each time where that is wanted', async () => {
    await open({ cache: { coalesceMs: 0 } })
    upstream.reply(stream([], 'stall'))
    const first = ask({ body: STREAM })
    const held = await upstream.nextRequest()
    expect((await ask({ body: STREAM })).cache).toBe('miss')
    held.write(`${contentChunk('a')}${finish('stop')}data: [DONE]\n\n`)
    held.end()
    expect((await first).cache).toBe('miss')
  })
})
