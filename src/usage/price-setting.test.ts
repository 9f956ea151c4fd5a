// Prices as people write them.
import { describe, expect, it } from 'vitest'
import { costOf } from './cost.ts'
import { ownPrice } from './price-setting.ts'

describe("a price of the user's own", () => {
  it('is in dollars for a million tokens, and for a request', () => {
    const price = ownPrice({
      input: 0.1,
      output: 0.7,
      cacheRead: 0.01,
      cacheWrite: 0.2,
      cacheWrite1h: 0.3,
      reasoning: 0.5,
      request: 0.005,
    })
    expect(price).toEqual({
      origin: 'config',
      rates: {
        input: 1e8,
        output: 7e8,
        cacheRead: 1e7,
        cacheWrite: 2e8,
        cacheWrite1h: 3e8,
        reasoning: 5e8,
      },
      perRequest: 5e6,
    })
    const usage = { input: { total: 1_000_000 }, output: { total: 1_000_000 } }
    expect(costOf(usage, price)?.usd).toBe('0.805')
  })

  it('says nothing of what is not said', () => {
    expect(ownPrice({ input: 0, output: 0 })).toEqual({
      origin: 'config',
      rates: { input: 0, output: 0 },
    })
  })

  it('has longer requests in order, tools, and other services', () => {
    const price = ownPrice({
      input: 1,
      output: 2,
      inputAudio: 3,
      longer: [
        { above: 2000, input: 3, output: 6 },
        { above: 1000, input: 2, output: 4 },
      ],
      tools: { web_search_requests: 0.01 },
      services: { batch: { input: 0.5, output: 1, longer: [{ above: 5, input: 1, output: 1 }] } },
    })
    expect(price).toEqual({
      origin: 'config',
      rates: { input: 1e9, output: 2e9, inputAudio: 3e9 },
      tiers: [
        { above: 1000, rates: { input: 2e9, output: 4e9 } },
        { above: 2000, rates: { input: 3e9, output: 6e9 } },
      ],
      tools: { web_search_requests: 1e7 },
      services: {
        batch: {
          rates: { input: 5e8, output: 1e9 },
          tiers: [{ above: 5, rates: { input: 1e9, output: 1e9 } }],
        },
      },
    })
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1_000_001])('is never %s [K014]', (input) => {
    expect(() => ownPrice({ input, output: 1 })).toThrow(/from 0 to 1000000/)
  })
})
