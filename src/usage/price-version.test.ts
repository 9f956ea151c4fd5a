// Prices are called by what they say.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ModelPrice } from './price.ts'
import { priceVersion } from './price-version.ts'

const PRICE: ModelPrice = { origin: 'list', rates: { input: 3e9, output: 15e9 } }

it('is the same for the same rates, in any order and under any name', () => {
  const same: ModelPrice = {
    name: 'x',
    source: 'y',
    rates: { output: 15e9, input: 3e9 },
    origin: 'list',
  }
  expect(priceVersion(same)).toBe(priceVersion(PRICE))
  expect(priceVersion(PRICE)).toMatch(/^price_[0-9a-f]{16}$/)
})

it('is another for any other rate', () => {
  const rate = fc.integer({ min: 0, max: 1e12 })
  const seen = new Map<string, string>()
  fc.assert(
    fc.property(rate, rate, fc.option(rate, { nil: undefined }), (input, output, perRequest) => {
      const price: ModelPrice = {
        origin: 'list',
        rates: { input, output },
        ...(perRequest === undefined ? {} : { perRequest }),
      }
      const text = JSON.stringify(price)
      const version = priceVersion(price)
      expect(seen.get(version) ?? text).toBe(text)
      seen.set(version, text)
    }),
    { numRuns: 5000 },
  )
})
