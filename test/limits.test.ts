// Limits at a real gateway: a crowd gets what there is and not one more, and every client hears how its limits stand.
import { afterEach, describe, expect, it } from 'vitest'
import { type ErrorDetails, GatewayError } from '../src/canonical/errors.ts'
import type { LimitRule } from '../src/resilience/limits/limit-rule.ts'
import { Crowd, TOKENS_EACH, statuses } from './crowd.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { FakeProvider } from './server-fakes.ts'

function limitHeaders({ headers }: Response): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].filter(([name]) => name.includes('ratelimit')))
}

describe('a crowd of 100 streams', () => {
  const cases: readonly (readonly [string, LimitRule])[] = [
    ['tokens', { scope: 'all', tokens: { perDay: 10 * TOKENS_EACH } }],
    ['tokens of a key', { scope: 'key', tokens: { perDay: 10 * TOKENS_EACH } }],
    ['tokens of a model', { scope: 'model', of: 'slow/*', tokens: { perDay: 10 * TOKENS_EACH } }],
    ['requests', { scope: 'provider', of: 'slow', requests: { perDay: 10 } }],
    ['calls at once', { scope: 'all', concurrency: 10 }],
  ]
  it.each(cases)('gets 10 through a limit of %s that allows 10', async (_, rule) => {
    const crowd = await Crowd.open({ rules: [rule], gateways: 1 })
    const answers = await crowd.rush(100)
    expect(statuses(answers)).toEqual({ 200: 10, 429: 90 })
    expect(crowd.slow.begun).toBe(10)
    crowd.slow.finish()
    await Promise.all(answers.map(async (answer) => answer.text()))
    expect(crowd.slow.running).toBe(0)
    // The places are free again; what is counted over a day is used up.
    const isPlaces = rule.concurrency !== undefined
    expect(statuses(await crowd.rush(10))).toEqual({ [isPlaces ? 200 : 429]: 10 })
    await crowd.close()
  })

  it('frees the places of clients that leave', async () => {
    const crowd = await Crowd.open({ rules: [{ scope: 'all', concurrency: 10 }], gateways: 1 })
    const answers = await crowd.rush(10)
    await Promise.all(answers.map(async (answer) => answer.body?.cancel()))
    const another = async (): Promise<number> => (await crowd.rush(1))[0]?.status ?? 0
    await expect.poll(another, { timeout: 5000 }).toBe(200)
    await crowd.close()
  })
})

describe('what clients hear of their limits', () => {
  let open: OpenGateway | undefined
  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  async function ask(path: string, body: object, times: number = 1): Promise<Response> {
    open ??= await openGateway({
      providers: [new FakeProvider({ name: 'home', local: true, models: ['tiny'] })],
      now: () => Date.UTC(2026, 0, 1),
      config: {
        limits: {
          maxBodyBytes: 10_000,
          rules: [
            { scope: 'key', requests: { perMinute: 2, perDay: 100 }, tokens: { perMinute: 9000 } },
            { scope: 'key', of: 'anonymous', concurrency: 3 },
          ],
        },
      },
    })
    const { url } = open
    let answer = new Response()
    for (let count = 0; count < times; count += 1) {
      answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'tiny',
          max_tokens: 92,
          messages: [{ role: 'user', content: 'Go' }],
          ...body,
        }),
      })
    }
    return answer
  }

  const STANDARD = {
    'ratelimit-policy':
      '"key-requests-minute";q=2;qu="requests";w=60, "key-requests-day";q=100;qu="requests";w=86400, "key-tokens-minute";q=9000;qu="tokens";w=60, "key-calls";q=3;qu="concurrent-requests"',
    ratelimit:
      '"key-requests-minute";r=1;t=30, "key-requests-day";r=99;t=864, "key-tokens-minute";r=8900;t=1, "key-calls";r=2',
  }

  it('in the words of the IETF and of OpenAI', async () => {
    const answer = await ask('/v1/chat/completions', {})
    expect(answer.status).toBe(200)
    expect(limitHeaders(answer)).toEqual({
      ...STANDARD,
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '30s',
      'x-ratelimit-limit-tokens': '9000',
      'x-ratelimit-remaining-tokens': '8900',
      'x-ratelimit-reset-tokens': '667ms',
    })
  })

  it('in the words of Anthropic where that is spoken', async () => {
    const answer = await ask('/v1/messages', {})
    expect(limitHeaders(answer)).toEqual({
      ...STANDARD,
      'anthropic-ratelimit-requests-limit': '2',
      'anthropic-ratelimit-requests-remaining': '1',
      'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:30Z',
      'anthropic-ratelimit-tokens-limit': '9000',
      'anthropic-ratelimit-tokens-remaining': '8900',
      'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:01Z',
    })
  })

  it('when they are refused too, with which limit it was and when to come again', async () => {
    const answer = await ask('/v1/chat/completions', {}, 3)
    expect(answer.status).toBe(429)
    expect(answer.headers.get('x-ratelimit-remaining-requests')).toBe('0')
    expect(answer.headers.get('x-should-retry')).toBe('true')
    const wait = Number(answer.headers.get('retry-after-ms'))
    expect(wait).toBeGreaterThanOrEqual(30_000)
    expect(wait).toBeLessThanOrEqual(33_000)
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'rate_limit_exceeded',
        message: expect.stringContaining(
          'Everybody without a key, together, is limited to 2 requests a minute.',
        ),
      },
    })
  })
})

function failing(name: string, details: ErrorDetails): FakeProvider {
  return new FakeProvider({
    name,
    local: true,
    models: ['tiny'],
    answer: async () => {
      throw new GatewayError('upstream', 'It failed.', details)
    },
  })
}

describe('tokens', () => {
  const rules = [{ scope: 'all', tokens: { perDay: 1000 } }] as const
  let open: OpenGateway | undefined
  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  async function post(path: string, body: object): Promise<Response> {
    return fetch(`${open?.url ?? ''}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  it('of texts for vectors are set aside by a guess and charged as their provider counts them', async () => {
    open = await openGateway({
      providers: [new FakeProvider({ name: 'home', local: true, models: ['tiny'] })],
      config: { limits: { maxBodyBytes: 100_000, rules } },
    })
    // 400 are guessed and 100 counted: after the seventh there is no room for a guess.
    const input = Array.from({ length: 100 }, () => 'one two three four')
    const statuses = []
    for (let count = 0; count < 8; count += 1) {
      statuses.push((await post('/v1/embeddings', { model: 'tiny', input })).status)
    }
    expect(statuses).toEqual([...Array.from({ length: 7 }, () => 200), 429])
  })

  const WORKED = { origin: 'upstream', status: 500 } as const
  const UNREACHED = { origin: 'upstream', code: 'connect_timeout' } as const

  it.each([
    ['not given back where an earlier attempt may have used them', WORKED, 800],
    ['given back where no attempt reached a provider', UNREACHED, 900],
  ])('are %s', async (_, failure, left) => {
    open = await openGateway({
      providers: [failing('first', failure), failing('second', UNREACHED)],
      now: () => Date.UTC(2026, 0, 1),
      config: {
        limits: { maxBodyBytes: 10_000, rules },
        routes: [{ name: 'both', targets: [{ model: 'first/tiny' }, { model: 'second/tiny' }] }],
      },
    })
    const chat = { model: 'both', max_tokens: 92, messages: [{ role: 'user', content: 'Go' }] }
    expect((await post('/v1/chat/completions', chat)).status).toBe(502)
    const { headers } = await post('/v1/chat/completions', chat)
    expect(headers.get('ratelimit')).toContain(`r=${left}`)
  })
})
