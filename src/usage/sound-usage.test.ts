// Counts that are none are left out and named, and never make a cost.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { costOf } from './cost.ts'
import type { ModelPrice } from './price.ts'
import { MOST_TOKENS, soundUsage } from './sound-usage.ts'

const PRICE: ModelPrice = { origin: 'list', rates: { input: 600e9, output: 600e9 } }

it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, MOST_TOKENS + 1])(
  'takes %s for no count [K014]',
  (count) => {
    const usage = {
      input: { total: count, cacheRead: 3 },
      output: { total: 5, reasoning: count },
      hosted: { web_search_requests: count },
      total: count,
    }
    expect(soundUsage(usage)).toEqual({
      usage: { input: { cacheRead: 3 }, output: { total: 5 }, hosted: {} },
      unsound: ['total', 'input.total', 'output.reasoning', 'hosted.web_search_requests'],
    })
  },
)

it('keeps what is sound as it is', () => {
  const usage = { input: { total: 0 }, output: { total: MOST_TOKENS }, tier: 'flex' }
  expect(soundUsage(usage).usage).toBe(usage)
})

it('never costs less than nothing, nor more than can be counted, whatever a provider says', () => {
  const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.MAX_SAFE_INTEGER, -0))
  fc.assert(
    fc.property(number, number, number, (input, cacheRead, output) => {
      const { usage } = soundUsage({
        input: { total: input, cacheRead },
        output: { total: output },
      })
      const nano = costOf(usage, PRICE)?.nanoUsd ?? 0
      expect(nano).toBeGreaterThanOrEqual(0)
      expect(Number.isSafeInteger(nano)).toBe(true)
      const raw = costOf({ input: { total: input }, output: { total: output } }, PRICE)
      expect(raw?.nanoUsd ?? 0).toBeGreaterThanOrEqual(0)
      expect(Number.isSafeInteger(raw?.nanoUsd ?? 0)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
