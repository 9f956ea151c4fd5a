// What calls cost: by hand, and by laws that hold for every usage.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Usage } from '../canonical/usage.ts'
import { costOf } from './cost.ts'
import { type ModelPrice, type Rates, priceBook } from './price.ts'

/** $3 and $15 a million, as vendors write it. */
const RATES: Rates = {
  input: 3e9,
  cacheRead: 3e8,
  cacheWrite: 3.75e9,
  cacheWrite1h: 6e9,
  output: 15e9,
}
const PRICE: ModelPrice = { origin: 'list', rates: RATES }

const all = { total: 1000, cacheRead: 200, cacheWrite: 300, cacheWrite1h: 100 } as const

describe('the cost of a call', () => {
  it.each<readonly [string, Usage, Partial<ModelPrice>, string]>([
    ['input and output', { input: { total: 1000 }, output: { total: 100 } }, {}, '0.0045'],
    // 500 at $3, 200 at $0.30, 200 at $3.75, 100 at $6.
    ['the cache', { input: all, output: { total: 0 } }, {}, '0.00291'],
    [
      'a cache without rates of its own, as other input',
      { input: all, output: { total: 0 } },
      { rates: { input: 3e9, output: 15e9 } },
      '0.003',
    ],
    [
      'thinking at its own rate',
      { input: { total: 0 }, output: { total: 100, reasoning: 40 } },
      { rates: { ...RATES, reasoning: 1e9 } },
      '0.00094',
    ],
    [
      'thinking as output',
      { input: { total: 0 }, output: { total: 100, reasoning: 40 } },
      {},
      '0.0015',
    ],
    [
      'sound and pictures',
      { input: { total: 100, audio: 10, image: 20 }, output: { total: 10, audio: 4, image: 3 } },
      {
        rates: {
          ...RATES,
          inputAudio: 32e9,
          inputImage: 1e9,
          outputAudio: 64e9,
          outputImage: 40e9,
        },
      },
      '0.000971',
    ],
    [
      'a fee for each request',
      { input: { total: 10 }, output: { total: 0 } },
      { perRequest: 12e6 },
      '0.01203',
    ],
    [
      'half a billionth, rounded up',
      { input: { total: 1 }, output: { total: 0 } },
      { rates: { input: 500_000, output: 0 } },
      '0.000000001',
    ],
    [
      'less than that, as nothing',
      { input: { total: 1 }, output: { total: 0 } },
      { rates: { input: 499_999, output: 0 } },
      '0',
    ],
    [
      'a fortune, to the last digit',
      { input: { total: 9_007_199_254 }, output: { total: 0 } },
      { rates: { input: 600e9, output: 0 } },
      '5404319.5524',
    ],
  ])('has %s', (...[, usage, more, usd]) => {
    expect(costOf(usage, { ...PRICE, ...more })?.usd).toBe(usd)
  })

  it('has the rates of the longest tier whose start the input passes, for all of the request', () => {
    const tiers = [
      { above: 1000, rates: { input: 6e9, output: 30e9 } },
      { above: 2000, rates: { input: 9e9, output: 45e9 } },
    ]
    const cost = (total: number) =>
      costOf({ input: { total }, output: { total: 100 } }, { ...PRICE, tiers })?.usd
    expect(cost(1000)).toBe('0.0045')
    expect(cost(1001)).toBe('0.009006')
    expect(cost(2001)).toBe('0.022509')
  })

  it.each<[string, Usage | undefined, ModelPrice | undefined]>([
    ['no price', { input: { total: 1 }, output: { total: 1 } }, undefined],
    ['no counts', undefined, PRICE],
    ['no count of the output', { input: { total: 1 } }, PRICE],
    ['no count of the input', { output: { total: 1 } }, PRICE],
    ['only a sum', { total: 5 }, PRICE],
    [
      'no rate for the output',
      { input: { total: 1 }, output: { total: 1 } },
      { origin: 'list', rates: { input: 1 } },
    ],
  ])('is unknown, and not 0, with %s', (_, usage, price) => {
    expect(costOf(usage, price)).toBeUndefined()
  })

  const FLEX: ModelPrice = {
    ...PRICE,
    services: { flex: { rates: { input: 1e9, output: 2e9 } } },
    tools: { web_search_requests: 10_000_000 },
  }
  const plain = { input: { total: 1000 }, output: { total: 100 } }

  it.each([
    ['flex', '0.0012'],
    ['FLEX', '0.0012'],
    ['default', '0.0045'],
    ['standard', '0.0045'],
    ['auto', '0.0045'],
    ['on_demand', '0.0045'],
  ])('has the rates of how it was served: %s', (tier, usd) => {
    expect(costOf({ ...plain, tier }, FLEX)).toEqual(expect.objectContaining({ usd }))
    expect(costOf({ ...plain, tier }, FLEX)?.unpriced).toBeUndefined()
  })

  it('says where a tier or a tool has no price that is known', () => {
    expect(costOf({ ...plain, tier: 'priority', hosted: { shell: 2, none: 0 } }, FLEX)).toEqual({
      nanoUsd: 4_500_000,
      usd: '0.0045',
      unpriced: ['tier priority', 'tool shell'],
    })
  })

  it('has the fee of each call of a tool', () => {
    const hosted = { web_search_requests: 3 }
    expect(costOf({ ...plain, hosted }, FLEX)?.usd).toBe('0.0345')
    const free: ModelPrice = { origin: 'free', rates: { input: 0, output: 0 } }
    expect(costOf({ ...plain, hosted, tier: 'priority' }, free)).toEqual({ nanoUsd: 0, usd: '0' })
  })

  it('is 0 for what is free, even where nobody counted', () => {
    const free: ModelPrice = { origin: 'free', rates: { input: 0, output: 0 } }
    expect(costOf(undefined, free)).toEqual({ nanoUsd: 0, usd: '0' })
    expect(costOf({ input: { total: 5 } }, free)?.nanoUsd).toBe(0)
  })
})

const count = fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined })
const rate = fc.integer({ min: 0, max: 600e9 })
const usages = fc.record({
  input: fc.record({
    total: fc.integer({ min: 0, max: 10_000_000 }),
    cacheRead: count,
    cacheWrite: count,
    cacheWrite1h: count,
    audio: count,
    image: count,
  }),
  output: fc.record({
    total: fc.integer({ min: 0, max: 1_000_000 }),
    reasoning: count,
    audio: count,
    image: count,
  }),
})
const prices = fc.record({
  origin: fc.constant('list' as const),
  rates: fc.record({
    input: rate,
    cacheRead: rate,
    cacheWrite: rate,
    cacheWrite1h: rate,
    inputAudio: rate,
    inputImage: rate,
    output: rate,
    reasoning: rate,
    outputAudio: rate,
    outputImage: rate,
  }),
})

describe('the cost of any call', () => {
  it('is a whole number, written as the decimal that it is', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        const cost = costOf(defined(usage), price)
        expect(cost?.usd).toMatch(/^\d+(?:\.\d*[1-9])?$/)
        expect(Number.isSafeInteger(cost?.nanoUsd)).toBe(true)
        expect(Number(cost?.usd) * 1e9).toBeCloseTo(cost?.nanoUsd ?? -1, 0)
      }),
      { numRuns: 1000 },
    )
  })

  it('lies between all of it at the lowest rate and all of it at the highest, however the parts are counted', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        const { nanoUsd = -1 } = costOf(defined(usage), price) ?? {}
        const tokens = usage.input.total + usage.output.total
        const rates = Object.values(price.rates)
        expect(nanoUsd).toBeGreaterThanOrEqual(Math.floor((tokens * Math.min(...rates)) / 1e6) - 1)
        expect(nanoUsd).toBeLessThanOrEqual(Math.ceil((tokens * Math.max(...rates)) / 1e6) + 1)
      }),
      { numRuns: 1000 },
    )
  })

  it("asks the canonical usage alone: neither the vendor's own object nor its sum or times", () => {
    fc.assert(
      fc.property(usages, prices, fc.jsonValue(), (usage, price, value) => {
        const plain = defined(usage)
        const more: Usage = {
          ...plain,
          total: 7,
          timing: { totalMs: 1 },
          raw: { dialect: 'd', value: JSON.stringify(value) },
        }
        expect(costOf(more, price)).toEqual(costOf(plain, price))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the costs of many calls', () => {
  it('do not drift: the sum of whole numbers is the whole sum', () => {
    fc.assert(
      fc.property(fc.array(usages, { maxLength: 50 }), prices, (many, price) => {
        const costs = many.map((usage) => costOf(defined(usage), price)?.nanoUsd ?? 0)
        const forth = costs.reduce((sum, cost) => sum + cost, 0)
        const back = costs.toReversed().reduce((sum, cost) => sum + cost, 0)
        expect(forth).toBe(back)
        expect(BigInt(forth)).toBe(costs.reduce((sum, cost) => sum + BigInt(cost), 0n))
      }),
    )
  })

  it('grow with every token more that has a rate', () => {
    const more = fc.integer({ min: 0, max: 100_000 })
    fc.assert(
      fc.property(usages, prices, fc.tuple(more, more), (usage, price, [input, output]) => {
        const less = costOf(defined(usage), price)?.nanoUsd ?? -1
        const longer = {
          ...usage,
          input: { ...usage.input, total: usage.input.total + input },
          output: { ...usage.output, total: usage.output.total + output },
        }
        // Parts beyond the whole are cut to it: then more of the whole is more of a part.
        expect(costOf(defined(longer), price)?.nanoUsd).toBeGreaterThanOrEqual(less)
      }),
      { numRuns: 1000 },
    )
  })
})

function defined(usage: object): Usage {
  return JSON.parse(JSON.stringify(usage))
}

describe('the book of prices', () => {
  const list = { priceOf: async () => PRICE }
  const own: ModelPrice = { origin: 'config', rates: { input: 1, output: 1 } }

  it('takes what the user says first, then what is free, then the list', async () => {
    const book = priceBook({ own: { 'lab/mine': own }, list })
    const model = { provider: 'lab', model: 'mine', free: true }
    expect(await book.priceOf(model)).toBe(own)
    expect((await book.priceOf({ ...model, model: 'other' }))?.origin).toBe('free')
    expect(await book.priceOf({ ...model, model: 'other', free: false })).toBe(PRICE)
  })

  it('knows nothing where nobody does, and no names that objects bring along', async () => {
    expect(await priceBook({}).priceOf({ provider: 'a', model: 'b', free: false })).toBeUndefined()
    const model = { provider: 'constructor', model: 'b', free: false }
    expect(await priceBook({ own: {} }).priceOf(model)).toBeUndefined()
  })
})
