// What a request will cost: the input for sure, the answer at most, and nothing that is not known.
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../canonical/request.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { forecast } from './forecast.ts'
import type { ModelPrice, Rates } from './price.ts'

const RATES: Rates = { input: 1e9, cacheWrite: 2e9, cacheWrite1h: 3e9, output: 10e9 }
const PRICE: ModelPrice = { origin: 'list', rates: RATES }

function asking(more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    origin: { dialect: 'test' },
    model: 'm',
    turns: [{ role: 'user', parts: [{ type: 'text', text: 'Tell me all of it.' }] }],
    sampling: {},
    stream: { enabled: false },
    ...more,
  }
}

const tokens = estimateTokens(asking())
const usd = (input: number, output: number): string => String((input + output) / 1e6)

function worst(reasoning: number): string | undefined {
  const request = asking({ maxOutputTokens: 100 })
  return forecast(request, { ...PRICE, rates: { ...RATES, reasoning } }).worstCost?.usd
}

describe('a forecast', () => {
  it('is a guess, and says so', () => {
    expect(forecast(asking(), undefined)).toEqual({ inputTokens: tokens, exact: false })
  })

  it('has no worst case where the answer has no limit', () => {
    const { inputCost, worstCost } = forecast(asking(), PRICE)
    expect(inputCost?.usd).toBe(usd(tokens, 0))
    expect(worstCost).toBeUndefined()
  })

  it('counts the limit for each candidate', () => {
    const request = asking({ maxOutputTokens: 100, sampling: { n: 3 } })
    const { maxOutputTokens, worstCost } = forecast(request, PRICE)
    expect(maxOutputTokens).toBe(300)
    expect(worstCost?.usd).toBe(usd(tokens, 3000))
  })

  it('takes thinking at its rate where that is dearer, and not where it is cheaper', () => {
    expect(worst(20e9)).toBe(usd(tokens, 2000))
    expect(worst(1e9)).toBe(usd(tokens, 1000))
  })

  it.each<[string, Partial<ChatRequest>]>([
    [
      'a part',
      {
        turns: [{ role: 'user', parts: [{ type: 'text', text: 'Tell me all of it.', cache: {} }] }],
      },
    ],
    ['the whole', { caching: { auto: {} } }],
  ])('takes the input as written to the cache where %s is marked for it', (_, more) => {
    const request = asking({ ...more, maxOutputTokens: 100 })
    expect(forecast(request, PRICE).worstCost?.usd).toBe(usd(3 * tokens, 1000))
    const { cacheWrite1h: _hour, ...shorter } = RATES
    expect(forecast(request, { ...PRICE, rates: shorter }).worstCost?.usd).toBe(
      usd(2 * tokens, 1000),
    )
    const plain = { ...PRICE, rates: { input: 1e9, output: 10e9 } }
    expect(forecast(request, plain).worstCost?.usd).toBe(usd(tokens, 1000))
  })

  it('is at the dearer of the tier that is asked for and the usual one', () => {
    const services = {
      priority: { rates: { input: 2e9, output: 20e9 } },
      flex: { rates: { input: 5e8, output: 5e9 } },
    }
    const cost = (tier: string) =>
      forecast(asking({ maxOutputTokens: 100, service: { tier } }), { ...PRICE, services })
        .worstCost
    expect(cost('priority')?.usd).toBe(usd(2 * tokens, 2000))
    expect(cost('flex')?.usd).toBe(usd(tokens, 1000))
    expect(cost('scale')).toEqual({
      nanoUsd: 1000 * (tokens + 1000),
      usd: usd(tokens, 1000),
      unpriced: ['tier scale'],
    })
  })

  it('costs nothing where the model is free', () => {
    const free: ModelPrice = { origin: 'free', rates: { input: 0, output: 0 } }
    const { inputCost, worstCost } = forecast(asking({ maxOutputTokens: 5 }), free)
    expect([inputCost?.usd, worstCost?.usd]).toEqual(['0', '0'])
  })
})
