// The list that Patchbay brings along: found by who serves the model, and computed as its makers compute it.
import { type ModelPrice as Listed, calcPrice, findProvider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costOf } from '../usage/cost.ts'
import type { ModelPrice } from '../usage/price.ts'
import { BUNDLED, priceList } from './price-list.ts'

const NOW = Date.UTC(2026, 10, 1)
const list = priceList(() => NOW)
async function price(model: string, vendorUrl: string): Promise<ModelPrice | undefined> {
  return list.priceOf({ provider: 'p', model, free: false, vendorUrl })
}
const OPENAI = 'https://api.openai.com/v1'

describe('the price list', () => {
  it('knows a model by the address of who serves it', async () => {
    const model = { provider: 'work', model: 'gpt-5-mini', free: false }
    expect(await list.priceOf({ ...model, vendorUrl: OPENAI })).toEqual({
      origin: 'list',
      name: 'openai/gpt-5-mini',
      source: BUNDLED,
      rates: { input: 250_000_000, cacheRead: 25_000_000, output: 2_000_000_000 },
      tools: { web_search_requests: 10_000_000 },
      services: {
        flex: { rates: { input: 125_000_000, cacheRead: 12_500_000, output: 1_000_000_000 } },
        batch: { rates: { input: 125_000_000, cacheRead: 12_500_000, output: 1_000_000_000 } },
        priority: { rates: { input: 450_000_000, cacheRead: 45_000_000, output: 3_600_000_000 } },
      },
    })
  })

  it.each([
    ['an address that it does not know', 'gpt-5-mini', 'https://gpu.example/v1'],
    ['no address', 'gpt-5-mini', undefined],
    ['a model that it does not know', 'gpt-of-tomorrow', OPENAI],
  ])('knows no price for %s', async (_, model, vendorUrl) => {
    const place = vendorUrl === undefined ? {} : { vendorUrl }
    expect(await list.priceOf({ provider: 'p', model, free: false, ...place })).toBeUndefined()
  })

  it('has tiers by the length of the input, and fees of requests', async () => {
    expect((await price('claude-sonnet-4-5', 'https://api.anthropic.com'))?.tiers).toEqual([
      {
        above: 200_000,
        rates: expect.objectContaining({ input: 6e9, output: 22.5e9, cacheWrite1h: 12e9 }),
      },
    ])
    expect((await price('sonar', 'https://api.perplexity.ai'))?.perRequest).toBe(12_000_000)
  })

  it('gives what its makers compute, for every model and any usage', async () => {
    const vendors = [
      OPENAI,
      'https://api.anthropic.com',
      'https://generativelanguage.googleapis.com',
      'https://api.mistral.ai',
      'https://api.x.ai/v1',
    ]
    const priced = await Promise.all(
      vendors.flatMap((vendorUrl) => {
        const provider = findProvider({ providerApiUrl: vendorUrl })
        return (provider?.models ?? []).map(async ({ id }) => ({
          id,
          provider,
          price: await list.priceOf({ provider: 'p', model: id, free: false, vendorUrl }),
          listed:
            provider === undefined
              ? null
              : calcPrice({}, id, { provider, timestamp: new Date(NOW) }),
        }))
      }),
    )
    const chats = priced.filter(({ listed }) => listed !== null && isPlain(listed.model_price))
    expect(chats.length).toBeGreaterThan(100)
    const usages = fc.record({
      input: fc.integer({ min: 0, max: 500_000 }),
      read: fc.double({ min: 0, max: 0.5, noNaN: true }),
      write: fc.double({ min: 0, max: 0.5, noNaN: true }),
      output: fc.integer({ min: 0, max: 100_000 }),
    })
    fc.assert(
      fc.property(fc.constantFrom(...chats), usages, ({ id, provider, price, listed }, used) => {
        const keys = listed?.model_price ?? {}
        const read = 'cache_read_mtok' in keys ? Math.floor(used.input * used.read) : 0
        const write = 'cache_write_mtok' in keys ? Math.floor(used.input * used.write) : 0
        const theirs = calcPrice(
          {
            input_tokens: used.input,
            output_tokens: used.output,
            cache_read_tokens: read,
            cache_write_tokens: write,
          },
          id,
          { timestamp: new Date(NOW), ...(provider === undefined ? {} : { provider }) },
        )
        const input = { total: used.input, cacheRead: read, cacheWrite: write }
        const ours = costOf({ input, output: { total: used.output } }, price)
        expect((ours?.nanoUsd ?? -1) / 1e9).toBeCloseTo(theirs?.total_price ?? -2, 7)
      }),
      { numRuns: 1000 },
    )
  })
})

function isPlain(price: Listed): boolean {
  return 'input_mtok' in price && 'output_mtok' in price
}
