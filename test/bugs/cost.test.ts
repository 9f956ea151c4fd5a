// What calls cost: the rates of how they were served, each token once, long requests as a whole, and thinking.
import { describe, expect, it } from 'vitest'
import type { Happening } from '../../src/exchange/happening.ts'
import { priceList } from '../../src/prices/price-list.ts'
import { costOf } from '../../src/usage/cost.ts'
import type { ModelPrice } from '../../src/usage/price.ts'
import { type Json, isObject } from '../../src/wire/json.ts'
import type { ScriptedReply } from '../fake-upstream.ts'
import { DONE, chunk } from './chunks.ts'
import { sse, whole } from './said.ts'
import { type Told, useSwitchboard } from './switchboard.ts'

const NOW = Date.UTC(2026, 10, 1)
const list = priceList(() => NOW)
const board = useSwitchboard()

async function listed(model: string, vendorUrl: string): Promise<ModelPrice> {
  const price = await list.priceOf({ provider: 'p', model, free: false, vendorUrl })
  if (price === undefined) throw new Error(`no price of ${model}`)
  return price
}

const OPENAI = 'https://api.openai.com/v1'
const ANTHROPIC = 'https://api.anthropic.com'
const GOOGLE = 'https://generativelanguage.googleapis.com'

type Settled = Extract<Happening, { readonly type: 'usage-settled' }>
type Asking = Parameters<typeof board.ask>[0]

/** What was told of the usage of a call. */
async function settled(ask: Asking): Promise<{ readonly told: Told; readonly fact: Settled }> {
  const heard: Settled[] = []
  const stop = board.open().opened.gateway.manager.happenings.listen((fact) => {
    if (fact.type === 'usage-settled') heard.push(fact)
  })
  const told = await board.ask(ask)
  await expect.poll(() => heard.length).toBe(1)
  stop()
  const [fact] = heard
  if (fact === undefined) throw new Error('nothing was told')
  return { told, fact }
}

const ask = { messages: [{ role: 'user', content: 'go' }] }
const USAGE = {
  prompt_tokens: 2000,
  completion_tokens: 500,
  total_tokens: 2500,
  prompt_tokens_details: { cached_tokens: 1000 },
}

function completion(tier: Json): ScriptedReply {
  return whole({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-5-mini',
    service_tier: tier,
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: USAGE,
  })
}

function withTier(value: Json, tier: string, usage?: Json): Json {
  if (!isObject(value)) return value
  return { ...value, service_tier: tier, ...(usage === undefined ? {} : { usage }) }
}

describe('the tier that served a request', () => {
  const flexed = { ...ask, service_tier: 'flex' }
  const asChat = { from: 'openai-chat', to: 'openai-chat' } as const

  it.each([
    ['flex', '0.0006375'],
    ['default', '0.001275'],
    ['priority', '0.002295'],
  ])('is read from the answer: %s [PB-164]', async (tier, usd) => {
    const { fact } = await settled({ ...asChat, body: flexed, reply: completion(tier) })
    expect(fact.usage.tier).toBe(tier)
    expect(costOf(fact.usage, await listed('gpt-5-mini', OPENAI))).toEqual({
      nanoUsd: Math.round(Number(usd) * 1e9),
      usd,
    })
  })

  it('is read from a stream, and from the request where no answer says it [PB-164]', async () => {
    const reply = sse(
      withTier(chunk({ content: 'Hi' }), 'flex'),
      withTier(chunk({}, 'stop'), 'flex', USAGE),
      DONE,
    )
    const body = { ...flexed, stream_options: { include_usage: true } }
    const streamed = await settled({ ...asChat, stream: true, body, reply })
    expect(streamed.fact.usage.tier).toBe('flex')
    const silent = await settled({ ...asChat, body: flexed, reply: completion(null) })
    expect(silent.fact.usage.tier).toBe('flex')
  })

  it('without a price that is known is never taken for the usual one in silence [PB-164]', async () => {
    const price = await listed('claude-sonnet-4-5', ANTHROPIC)
    const usage = { input: { total: 1000 }, output: { total: 100 }, tier: 'priority' }
    expect(costOf(usage, price)).toEqual({
      nanoUsd: 4_500_000,
      usd: '0.0045',
      unpriced: ['tier priority'],
    })
  })

  it('halves batches whole: their cached tokens and their long requests too [PB-164]', async () => {
    const price = await listed('gpt-5.5', OPENAI)
    const usage = { input: { total: 300_000, cacheRead: 100_000 }, output: { total: 1000 } }
    const usual = costOf(usage, price)?.nanoUsd ?? 0
    expect(costOf({ ...usage, tier: 'batch' }, price)?.nanoUsd).toBe(usual / 2)
    expect(usual).toBe(200_000 * 10_000 + 100_000 * 1000 + 1000 * 45_000)
  })
})

describe('cached tokens', () => {
  it("are in one price each: Anthropic's, which it counts apart [PB-165]", async () => {
    const { fact } = await settled({
      from: 'anthropic-messages',
      to: 'anthropic-messages',
      body: ask,
      reply: whole({
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'claude-3-7-sonnet-20250219',
        content: [{ type: 'text', text: 'Hi' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: {
          input_tokens: 3,
          cache_creation_input_tokens: 12_304,
          cache_read_input_tokens: 0,
          output_tokens: 550,
        },
      }),
    })
    const price = await listed('claude-3-7-sonnet-20250219', ANTHROPIC)
    // 3 at $3, 12,304 at $3.75 and 550 at $15.
    expect(costOf(fact.usage, price)?.usd).toBe('0.054399')
  })

  it("are in one price each: Gemini's, which it counts within [PB-165]", async () => {
    const price: ModelPrice = {
      origin: 'list',
      rates: { input: 300_000_000, cacheRead: 30_000_000, output: 2_500_000_000 },
    }
    const { fact } = await settled(
      gemini({
        promptTokenCount: 20_212,
        cachedContentTokenCount: 16_298,
        candidatesTokenCount: 0,
      }),
    )
    // 3,914 at $0.30 and 16,298 at $0.03.
    expect(costOf(fact.usage, price)?.nanoUsd).toBe(3914 * 300 + 16_298 * 30)
  })

  it('of an hour and of five minutes have rates of their own [PB-165]', async () => {
    const price = await listed('claude-haiku-4-5', ANTHROPIC)
    const input = { total: 3000, cacheWrite: 2000, cacheWrite5m: 1000, cacheWrite1h: 1000 }
    expect(costOf({ input, output: { total: 0 } }, price)?.nanoUsd).toBe(
      1000 * 1000 + 1000 * 1250 + 1000 * 2000,
    )
  })
})

describe('a long request', () => {
  it('is repriced as a whole, cached tokens counting towards its length [PB-166]', async () => {
    const price = await listed('gemini-3-pro-preview', GOOGLE)
    const cost = (total: number, cacheRead: number): number | undefined =>
      costOf({ input: { total, cacheRead }, output: { total: 0 } }, price)?.nanoUsd
    expect(cost(250_000, 0)).toBe(1_000_000_000)
    expect(cost(250_000, 200_000)).toBe(50_000 * 4000 + 200_000 * 400)
    expect(cost(200_000, 0)).toBe(400_000_000)
    expect(cost(200_001, 0)).toBe(200_001 * 4000)
  })
})

function gemini(counts: Readonly<Record<string, number>>): Asking {
  return {
    from: 'openai-chat',
    to: 'gemini',
    body: ask,
    reply: whole({
      candidates: [
        { content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP', index: 0 },
      ],
      usageMetadata: counts,
    }),
  }
}

describe("Gemini's thinking", () => {
  it('is part of what is written, told, and paid for [PB-167]', async () => {
    const { told, fact } = await settled(
      gemini({
        promptTokenCount: 9,
        candidatesTokenCount: 664,
        thoughtsTokenCount: 1321,
        totalTokenCount: 1994,
      }),
    )
    expect(isObject(told.json) ? told.json['usage'] : undefined).toMatchObject({
      prompt_tokens: 9,
      completion_tokens: 1985,
      total_tokens: 1994,
      completion_tokens_details: { reasoning_tokens: 1321 },
    })
    const price = await listed('gemini-2.5-flash', GOOGLE)
    const { input = 0, output = 0 } = price.rates
    expect(costOf(fact.usage, price)?.nanoUsd).toBe(Math.round((9 * input + 1985 * output) / 1e6))
  })

  it('counts what its tools have read as input [PB-167]', async () => {
    const { fact } = await settled(
      gemini({ promptTokenCount: 9, toolUsePromptTokenCount: 100, candidatesTokenCount: 5 }),
    )
    expect(fact.usage.input?.total).toBe(109)
  })
})
