// Budgets at a real gateway: who is let in, what each protocol says of a refusal, and what every way to end a call leaves behind.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PatchbayConfig } from '../src/config/schema.ts'
import type { Happening } from '../src/exchange/happening.ts'
import type { BudgetRule } from '../src/ledger/budget-rule.ts'
import { ObjectReader, isObject, parseJson } from '../src/wire/json.ts'
import { type FakeUpstream, openUpstream } from './fake-upstream.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { asAsked, contentChunk, json, stream } from './openai-replies.ts'
import { wireClients } from './wire-clients.ts'

/** Dollars a million; so a token of input is 1000 billionths, and one of output 2000. */
const PRICE = { input: 1, output: 2 }
/** The upstream says: 7 read, 3 written. */
const COST = 7 * 1000 + 3 * 2000

const DAY = Date.UTC(2026, 0, 15)

let upstream: FakeUpstream
let open: OpenGateway | undefined
let told: Happening[] = []
let now = DAY

beforeEach(async () => {
  upstream = await openUpstream()
  upstream.answer(({ json }) => asAsked(json, ['one ', 'two']))
  told = []
  now = DAY
})
afterEach(async () => {
  await open?.close()
  open = undefined
  await upstream.close()
})

function rule(limitNano: number, more: Partial<BudgetRule> = {}): BudgetRule {
  return { id: 'test', scope: 'installation', limitNano, period: 'day', hard: true, ...more }
}

async function gateway(
  rules: readonly BudgetRule[],
  config: Partial<PatchbayConfig> = {},
): Promise<OpenGateway> {
  open = await openGateway({
    hear: (happening) => told.push(happening),
    now: () => now,
    config: {
      providers: ['home', 'dear', 'unpriced'].map((name) => ({
        providerType: 'custom',
        name,
        baseUrl: `${upstream.url}/v1`,
        models: ['m'],
        // On this machine, and not for nothing.
        settings: { local: false },
      })),
      auth: { anonymous: 'all' },
      prices: { 'home/m': PRICE, 'dear/m': { input: 1000, output: 2000 } },
      budgets: { rules },
      ...config,
    },
  })
  return open
}

async function ask(more: object = {}, signal?: AbortSignal): Promise<Response> {
  const body = { model: 'home/m', max_tokens: 10, messages: [{ role: 'user', content: 'Go' }] }
  return fetch(`${open?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, ...more }),
    ...(signal === undefined ? {} : { signal }),
  })
}

async function askCached(): Promise<Response> {
  return fetch(`${open?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-patchbay-cache': 'use' },
    body: JSON.stringify({
      model: 'home/m',
      max_tokens: 10,
      temperature: 0,
      messages: [{ role: 'user', content: 'Go' }],
    }),
  })
}

/** What is spent and held of the budget, in billionths, by the admin API. */
async function stands(): Promise<readonly (readonly [string, string])[]> {
  const answer = await fetch(`${open?.url}/api/admin/budget-standings`, {
    headers: { authorization: `Bearer ${open?.adminToken}` },
  })
  return ObjectReader.of(parseJson(await answer.text()), '')
    .items('standings')
    .map(({ value }) => {
      const standing = ObjectReader.of(value, '')
      return [standing.string('spent_usd'), standing.string('reserved_usd')] as const
    })
}

const usd = (nano: number): string => String(nano / 1e9)
const settlements = (): readonly Happening[] =>
  told.filter(({ type }) => type === 'attempt-settled')

describe('PB-156 a call that a budget has no room for', () => {
  it.each(
    wireClients.flatMap((client) => [true, false].map((streams) => [client, streams] as const)),
  )('is refused with 402 in the words of $0.name, streamed: $1', async (client, isStreamed) => {
    await gateway([rule(1)])
    const question = { model: 'home/m', text: 'Go', streamed: isStreamed }
    const answer = await fetch(`${open?.url}${client.path(question)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(client.body(question)),
    })
    expect(answer.status).toBe(402)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(answer.headers.get('x-patchbay-error')).toBe('budget_exceeded')
    expect(answer.headers.get('retry-after')).toBeNull()
    const body = parseJson(await answer.text())
    expect(
      JSON.stringify(isObject(body) ? (body['error'] ?? body['message'] ?? body) : ''),
    ).toMatch(
      /The budget of this gateway per day has no room for this request\. This request may cost \$0\.0/,
    )
    expect(upstream.requests).toEqual([])
    expect(await stands()).toEqual([])
  })

  it('may come again soon where what is missing is held by others', async () => {
    await gateway([rule(30_000)])
    upstream.answer(() => stream([contentChunk('one')], 'stall'))
    const held = await ask({ stream: true })
    const refused = await ask()
    expect(refused.status).toBe(402)
    expect(refused.headers.get('retry-after')).toBe('2')
    expect(refused.headers.get('x-should-retry')).toBe('false')
    await held.body?.cancel()
  })

  it('goes to another target of its route that costs less', async () => {
    await gateway([rule(1_000_000)], {
      routes: [{ name: 'smart', targets: [{ model: 'dear/m' }, { model: 'home/m' }] }],
    })
    const answer = await ask({ model: 'smart' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-patchbay-trail')).toMatch(
      /dear\/m\S*=budget_exceeded; home\/m\S*=ok/,
    )
  })
})

async function explained(key: string | undefined): Promise<ObjectReader> {
  const body = { model: 'home/m', messages: [{ role: 'user', content: 'Go' }] }
  const answer = await fetch(`${open?.url}/api/explain`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ body, path: '/v1/chat/completions' }),
  })
  return ObjectReader.of(parseJson(await answer.text()), '')
}

describe('explaining', () => {
  it('shows what would be reserved and of which budgets, and reserves nothing', async () => {
    const mine = { id: 'mine', scope: 'key', limitNano: 1 } as const
    const open = await gateway([rule(1e9), rule(1, mine)])
    await (await ask()).text()
    const shown = await explained(open.adminToken)
    const budgets = shown.object('reservation').value('budgets')
    expect(shown.object('reservation').string('usd')).toBe('0.0082')
    expect(budgets).toMatchObject([
      { scope: 'installation', fits: true, hard: true, limit_usd: '1', spent_usd: '0' },
      { scope: 'key', fits: false, limit_usd: '0.000000001' },
    ])
    expect(shown.object('refusal').number('status')).toBe(402)
    expect(JSON.stringify(shown.value('request'))).toMatch(/"max_completion_tokens":4096/)
    expect(await stands()).toEqual([])
  })

  it('shows a caller its own budgets, and of those of all only whether they have room', async () => {
    const open = await gateway([rule(1e9), rule(1e9, { id: 'mine', scope: 'key' })])
    const shown = await explained(open.clientKey)
    expect(shown.object('reservation').value('budgets')).toEqual([
      { id: 'test/', scope: 'installation', period: 'day', hard: true, fits: true },
      expect.objectContaining({ scope: 'key', limit_usd: '1', spent_usd: '0' }),
    ])
  })
})

describe('a model without a price', () => {
  it('is refused to calls that a hard budget counts, before anything is sent', async () => {
    await gateway([rule(1e9)])
    const answer = await ask({ model: 'unpriced/m' })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-patchbay-error')).toBe('price_unknown')
    expect(await answer.text()).toMatch(/Give it a price under \\"prices\\"/)
    expect(upstream.requests).toEqual([])
  })

  it('is left for another target of the route', async () => {
    const targets = [{ model: 'unpriced/m' }, { model: 'home/m' }]
    await gateway([rule(1e9)], { routes: [{ name: 'smart', targets }] })
    expect((await ask({ model: 'smart' })).status).toBe(200)
  })

  it('is asked where the budget is soft', async () => {
    await gateway([rule(1, { hard: false })])
    expect((await ask({ model: 'unpriced/m' })).status).toBe(200)
  })
})

describe('an answer without a limit', () => {
  it('is given one where a hard budget counts it, and its client is told', async () => {
    await gateway([rule(1e9)])
    const answer = await ask({ max_tokens: undefined })
    expect(answer.headers.get('x-patchbay-notes')).toBe('synthesized=max_output_tokens')
    expect(upstream.requests[0]?.json).toMatchObject({ max_completion_tokens: 4096 })
  })

  it('is left as it is where none does, or where it costs nothing', async () => {
    await gateway([rule(1e9, { hard: false })])
    await ask({ max_tokens: undefined })
    expect(JSON.stringify(upstream.requests[0]?.json)).not.toMatch(/max/)
  })
})

describe('what a call leaves behind', () => {
  it('is its cost by its provider’s count, whole or streamed, and nothing held', async () => {
    await gateway([rule(1e9)])
    await (await ask()).text()
    expect(await stands()).toEqual([[usd(COST), '0']])
    await (await ask({ stream: true })).text()
    expect(await stands()).toEqual([[usd(2 * COST), '0']])
  })

  it('is nothing where its provider refused', async () => {
    await gateway([rule(1e9)])
    upstream.answer(() => json({ error: { message: 'no' } }, 400))
    expect((await ask()).status).toBe(400)
    expect(await stands()).toEqual([['0', '0']])
    expect(settlements()).toMatchObject([{ source: 'none', how: 'settled' }])
  })

  it('PB-090 K012 is what was read and heard until then where the client leaves, and never nothing', async () => {
    await gateway([rule(1e9)])
    for (let round = 0; round < 20; round += 1) {
      upstream.reply(stream([contentChunk('one two three four')], 'stall'))
      const answer = await ask({ stream: true, max_tokens: 500 })
      const reader = answer.body?.getReader()
      await reader?.read()
      await reader?.cancel()
    }
    await expect.poll(() => settlements().length).toBe(20)
    const [[spent, reserved] = ['', '']] = await stands()
    expect(reserved).toBe('0')
    // About eight tokens read and four written, each time.
    expect(Number(spent) * 1e9).toBeGreaterThan(20 * 10_000)
    expect(settlements().every((one) => 'source' in one && one.source === 'estimate')).toBe(true)
  })

  it('is the question where the client leaves before the answer begins', async () => {
    await gateway([rule(1e9)])
    upstream.reply({ ending: 'silent' })
    const leaving = new AbortController()
    const asked = ask({ stream: true }, leaving.signal).catch(() => undefined)
    await upstream.nextRequest()
    leaving.abort()
    await asked
    await expect.poll(() => settlements().length).toBe(1)
    expect((await stands())[0]?.[1]).toBe('0')
    expect(Number((await stands())[0]?.[0])).toBeGreaterThan(0)
  })

  it('is what was heard where its provider breaks off', async () => {
    await gateway([rule(1e9)])
    upstream.reply(stream([contentChunk('one two three')], 'cut'))
    await (await ask({ stream: true })).text().catch(() => '')
    await expect.poll(() => settlements().length).toBe(1)
    const [[spent, reserved] = ['', '']] = await stands()
    expect([Number(spent) > 0, reserved]).toEqual([true, '0'])
  })

  it('PB-093 is never money back, whatever its provider counts', async () => {
    await gateway([rule(1e9)])
    upstream.reply(
      json({
        id: 'c',
        model: 'm',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: -1_000_000, completion_tokens: -5, total_tokens: -1_000_005 },
      }),
    )
    expect((await ask()).status).toBe(200)
    expect(Number((await stands())[0]?.[0])).toBeGreaterThan(0)
  })

  it('is one entry and no cost where it came from the cache', async () => {
    await gateway([rule(1e9)], { cache: { enabled: true } })
    await (await askCached()).text()
    await (await askCached()).text()
    expect(upstream.requests.length).toBe(1)
    await expect.poll(() => settlements().length).toBe(2)
    expect(settlements()).toMatchObject([{ source: 'provider' }, { source: 'cache', nanoUsd: 0 }])
    expect(await stands()).toEqual([[usd(COST), '0']])
  })

  it('is told as overspent where its provider counts more than the limit that it was given', async () => {
    await gateway([rule(40_000)])
    upstream.reply(
      json({
        id: 'c',
        model: 'm',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 8, completion_tokens: 30, total_tokens: 38 },
      }),
    )
    await ask()
    expect(told.filter(({ type }) => type === 'budget-overspent')).toMatchObject([
      { nanoUsd: 28_000 },
    ])
    expect((await ask()).status).toBe(402)
  })

  it('counts into the period that the call was made in, and the next one begins anew', async () => {
    await gateway([rule(30_000)])
    await (await ask()).text()
    expect((await ask()).status).toBe(402)
    now += 86_400_000
    expect((await ask()).status).toBe(200)
  })

  it('K015 is counted of embeddings too', async () => {
    await gateway([rule(1)])
    const answer = await fetch(`${open?.url}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'home/m', input: 'Go' }),
    })
    expect(answer.status).toBe(402)
    expect(upstream.requests).toEqual([])
  })
})

describe('K014 amounts that are none', () => {
  it.each([-1, 0.5, '1e309', '"10"', -1000000])('max_tokens %s reaches nobody', async (amount) => {
    await gateway([rule(1e9)])
    const answer = await fetch(`${open?.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"model":"home/m","max_tokens":${amount},"messages":[{"role":"user","content":"Go"}]}`,
    })
    expect(answer.status).toBe(400)
    expect(upstream.requests).toEqual([])
  })

  it.each([-1, 0.5, '1e309', '"2"'])('n %s reaches nobody', async (amount) => {
    await gateway([rule(1e9)])
    const answer = await fetch(`${open?.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"model":"home/m","max_tokens":5,"n":${amount},"messages":[{"role":"user","content":"Go"}]}`,
    })
    expect(answer.status).toBe(400)
    expect(upstream.requests).toEqual([])
  })

  it.each(['-5', '"-5"', '1e309', '0.0000000001', '99999999999', '"a"', 'null', '{}'])(
    'a budget of %s is refused',
    async (amount) => {
      await gateway([])
      const answer = await fetch(`${open?.url}/api/admin/budgets/mine`, {
        method: 'PUT',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${open?.adminToken}`,
        },
        body: `{"scope":"installation","period":"day","usd":${amount}}`,
      })
      expect(answer.status).toBe(400)
    },
  )
})
