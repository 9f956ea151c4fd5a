// Requests a minute, by a clock of the test's own.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatExchange, ChatReply } from '../exchange/exchange.ts'
import { RateLimiter, rateLimit } from './rate-limit.ts'

const REPLY: ChatReply = {
  kind: 'whole',
  response: { origin: { dialect: 'library' }, model: 'm', candidates: [] },
  notes: [],
}

function exchangeFor(provider: string): ChatExchange {
  return {
    operation: 'chat',
    id: 'id',
    request: {
      origin: { dialect: 'library' },
      model: 'm',
      turns: [],
      sampling: {},
      stream: { enabled: false },
    },
    target: { provider, model: 'm' },
    policy: 'default',
    signal: new AbortController().signal,
  }
}

describe('RateLimiter', () => {
  it('lets a whole minute through at once, then one place at a time', () => {
    const limiter = new RateLimiter()
    const at = (ms: number): number => limiter.take('a', 3, ms)
    expect([at(0), at(0), at(0)]).toEqual([0, 0, 0])
    expect(at(0)).toBe(20_000)
    expect(at(19_999)).toBe(1)
    expect(at(20_000)).toBe(0)
    expect(at(20_000)).toBe(20_000)
  })

  it('is full again after a minute of silence', () => {
    const limiter = new RateLimiter()
    for (let count = 0; count < 3; count += 1) limiter.take('a', 3, 0)
    expect([1, 2, 3].map(() => limiter.take('a', 3, 60_000))).toEqual([0, 0, 0])
  })

  it('counts each key for itself', () => {
    const limiter = new RateLimiter()
    expect(limiter.take('a', 1, 0)).toBe(0)
    expect(limiter.take('b', 1, 0)).toBe(0)
    expect(limiter.take('a', 1, 0)).toBe(60_000)
  })

  it('lets exactly the limit through at once, whatever the limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 4e12 }),
        (limit, now) => {
          const limiter = new RateLimiter()
          let passed = 0
          while (limiter.take('a', limit, now) === 0) passed += 1
          expect(passed).toBe(limit)
        },
      ),
    )
  })

  it('never lets more than twice the limit through in any minute', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 50, maxLength: 200 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (limit, pauses) => {
        const limiter = new RateLimiter()
        const passed: number[] = []
        let now = 0
        for (const pause of pauses) {
          now += pause
          if (limiter.take('a', limit, now) === 0) passed.push(now)
        }
        for (const start of passed) {
          const within = passed.filter((at) => at >= start && at < start + 60_000)
          expect(within.length).toBeLessThanOrEqual(2 * limit)
        }
      }),
    )
  })
})

describe('rateLimit', () => {
  it('refuses what is over the limit with the time to wait, and asks nobody', async () => {
    let now = 0
    let asked = 0
    const handler = rateLimit({ limitOf: () => 1, clock: () => now })(async () => {
      asked += 1
      return REPLY
    })
    await expect(handler(exchangeFor('p'))).resolves.toBe(REPLY)
    now = 15_000
    await expect(handler(exchangeFor('p'))).rejects.toMatchObject({
      kind: 'rate_limit',
      code: 'provider_rate_limit',
      retryAfterMs: 45_000,
      message: expect.stringContaining('"p" is limited to 1 requests a minute'),
    })
    expect(asked).toBe(1)
    now = 60_000
    await expect(handler(exchangeFor('p'))).resolves.toBe(REPLY)
  })

  it('leaves providers without a limit alone', async () => {
    const limits: Record<string, number> = { slow: 1 }
    const handler = rateLimit({ limitOf: (name) => limits[name], clock: () => 0 })(
      async () => REPLY,
    )
    for (let count = 0; count < 5; count += 1) {
      await expect(handler(exchangeFor('free'))).resolves.toBe(REPLY)
    }
  })
})
