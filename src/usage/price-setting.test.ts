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
})
