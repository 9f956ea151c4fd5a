// F102: calls that are sent again with one Idempotency-Key are made once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Happening } from '../../src/exchange/happening.ts'
import type { Json } from '../../src/wire/json.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { type GatewaySetup, type OpenGateway, localHost, openGateway } from '../open-gateway.ts'
import { asAsked, contentChunk, json, stream, streamed } from '../openai-replies.ts'

let upstream: FakeUpstream
let gateway: OpenGateway
let happened: Happening[]
let nowMs: number

async function open(setup: GatewaySetup = {}): Promise<void> {
  gateway = await openGateway({
    providers: [localHost('home', upstream)],
    now: () => nowMs,
    hear: (happening) => happened.push(happening),
    ...setup,
  })
}

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1)
  happened = []
  upstream = await openUpstream()
  let answers = 0
  upstream.answer(({ json: body }) => {
    answers += 1
    return asAsked(body, ['Answer ', `${answers}`])
  })
  await open()
})

afterEach(async () => {
  await gateway.close()
  await upstream.close()
})

interface Ask {
  readonly id?: string
  readonly path?: string
  readonly body?: { readonly [key: string]: Json }
  readonly caller?: string
}

interface Answer {
  readonly status: number
  readonly replayed: string | null
  readonly text: string
  readonly headers: Headers
}

async function ask({
  id = 'k-1',
  path = '/v1/chat/completions',
  ...more
}: Ask = {}): Promise<Answer> {
  const answer = await fetch(gateway.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': id,
      ...(more.caller === undefined ? {} : { authorization: `Bearer ${more.caller}` }),
    },
    body: JSON.stringify({
      model: 'home/m',
      messages: [{ role: 'user', content: 'Hi' }],
      ...more.body,
    }),
  })
  const { status, headers } = answer
  const replayed = headers.get('idempotency-replayed')
  return { status, replayed, text: await answer.text(), headers }
}

function results(): readonly string[] {
  return happened.flatMap((one) => (one.type === 'idempotency' ? [one.result] : []))
}

describe('F102 the same key again', () => {
  it('after the answer: the answer as it was, and nobody is asked', async () => {
    const [first, second] = [await ask(), await ask()]
    expect([first.replayed, second.replayed]).toEqual([null, 'true'])
    expect(second.text).toBe(first.text)
    expect(second.headers.get('x-patchbay-provider')).toBe('home')
    expect(upstream.requests).toHaveLength(1)
    expect(results()).toEqual(['first', 'stored', 'replayed'])
    expect(happened.filter(({ type }) => type === 'call-ended')).toHaveLength(1)
  })

  it.each([
    ['/v1/chat/completions', {}],
    ['/v1/messages', { max_tokens: 100 }],
    ['/v1/responses', { input: 'Hi' }],
  ])('after a stream: the stream as it was (%s)', async (path, more) => {
    const body = { stream: true, ...more }
    const [first, second] = [await ask({ path, body }), await ask({ path, body })]
    expect([first.status, first.replayed, second.replayed]).toEqual([200, null, 'true'])
    expect(second.text).toBe(first.text)
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect(upstream.requests).toHaveLength(1)
  })

  it('while the first is under way: 409 and when to come again; then the answer', async () => {
    upstream.reply(stream([contentChunk('Slow')], 'stall'))
    const body = { stream: true }
    const first = ask({ body })
    const held = await upstream.nextRequest()
    const second = await ask({ body })
    expect(second.status).toBe(409)
    expect(second.headers.get('retry-after')).toBe('1')
    expect(second.headers.get('x-should-retry')).toBe('true')
    expect(second.text).toContain('idempotency_in_flight')
    held.write(
      `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
    )
    held.end()
    const { text } = await first
    expect(await ask({ body })).toMatchObject({ status: 200, replayed: 'true', text })
    expect(upstream.requests).toHaveLength(1)
    expect(results()).toEqual(['first', 'in-flight', 'stored', 'replayed'])
  })

  it('20 at once: one is made, nobody else runs it', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, async () => ask()))
    expect(upstream.requests).toHaveLength(1)
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
    expect(
      answers.filter(({ replayed, status }) => status === 200 && replayed === null),
    ).toHaveLength(1)
  })

  it.each<readonly [string, Ask]>([
    ['another body', { body: { temperature: 1 } }],
    ['another place', { path: '/openai/v1/chat/completions' }],
  ])('with %s: 422', async (_, other) => {
    await ask()
    const second = await ask(other)
    expect(second.status).toBe(422)
    expect(second.text).toContain('idempotency_key_reused')
    expect(upstream.requests).toHaveLength(1)
    expect(results()).toEqual(['first', 'stored', 'mismatch'])
  })

  it('in quotes, and with its fields in another order, is the same', async () => {
    await ask({ body: { temperature: 0, top_p: 1 } })
    const second = await ask({ id: '"k-1"', body: { top_p: 1, temperature: 0 } })
    expect(second.replayed).toBe('true')
  })

  it('of another caller is another key', async () => {
    await ask()
    expect((await ask({ caller: gateway.clientKey })).replayed).toBeNull()
    expect(upstream.requests).toHaveLength(2)
  })

  it('after a day is a new one', async () => {
    await ask()
    nowMs += 86_400_001
    expect((await ask()).replayed).toBeNull()
  })

  it('that is none is refused before anything runs', async () => {
    for (const id of ['has space', 'x'.repeat(256), '""']) {
      const { status, text } = await ask({ id })
      expect(status).toBe(400)
      expect(text).toContain('invalid_idempotency_key')
    }
    expect(upstream.requests).toHaveLength(0)
  })
})

describe('F102 the same key after a failure', () => {
  it('before anything ran: the key is free', async () => {
    const bad = await ask({ body: { model: 'nobody/knows' } })
    expect(bad.status).toBe(404)
    expect((await ask()).status).toBe(200)
    expect(results()).toEqual(['first', 'not-stored', 'first', 'stored'])
  })

  it('that the provider refused: the key is free', async () => {
    upstream.reply(json({ error: { message: 'Too large.' } }, 413))
    expect((await ask()).status).toBe(413)
    expect((await ask()).status).toBe(200)
  })

  it('after which the provider may have done the work: the failure is the answer', async () => {
    upstream.answer(() => ({ chunks: ['{'], ending: 'reset' }))
    const first = await ask()
    expect(first.status).toBeGreaterThanOrEqual(500)
    const made = upstream.requests.length
    const second = await ask()
    expect(second).toMatchObject({ status: first.status, replayed: 'true', text: first.text })
    expect(upstream.requests).toHaveLength(made)
  })

  it('in a stream: what did not end whole is no answer, and the key is free', async () => {
    upstream.reply(stream([contentChunk('Half')], 'cut'))
    const body = { stream: true }
    const first = await ask({ body })
    expect(first.text).toContain('Half')
    const second = await ask({ body })
    expect(second.replayed).toBeNull()
    expect(second.text).not.toContain('Half')
    expect(results()).toEqual(['first', 'not-stored', 'first', 'stored'])
  })

  it('of a reader who left: the key is free', async () => {
    upstream.reply(stream([contentChunk('Half')], 'stall'))
    const leaving = new AbortController()
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k-1' },
      body: JSON.stringify({
        model: 'home/m',
        stream: true,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
      signal: leaving.signal,
    })
    await answer.body?.getReader().read()
    leaving.abort()
    await expect.poll(results).toEqual(['first', 'not-stored'])
  })
})

describe('F102 the bounds', () => {
  it('an answer that is too long is not kept', async () => {
    await gateway.close()
    await open({ config: { idempotency: { maxAnswer: 300 } } })
    const body = { messages: [{ role: 'user', content: 'Hi' }], stream: true }
    upstream.reply(streamed(['x'.repeat(400)]))
    await ask({ body })
    expect((await ask({ body })).replayed).toBeNull()
  })

  it('turned off, the header has no meaning', async () => {
    await gateway.close()
    await open({ config: { idempotency: { enabled: false } } })
    await ask()
    expect((await ask()).replayed).toBeNull()
    expect(results()).toEqual([])
  })
})
