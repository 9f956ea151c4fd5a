// Waits between attempts: bounded, jittered, and by the provider's word where that is short.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Delay, delayMs } from './backoff.ts'

const DELAY: Delay = {
  retry: 0,
  throttled: false,
  hintMs: undefined,
  remainingMs: Infinity,
  random: () => 1,
}

function at(retry: number, throttled: boolean): number | undefined {
  return delayMs({ ...DELAY, retry, throttled })
}

describe('delayMs', () => {
  it('doubles from 50 ms after a failure, from 1 s after a refusal, up to 8 s', () => {
    expect([0, 1, 2, 3].map((retry) => at(retry, false))).toEqual([50, 100, 200, 400])
    expect([0, 1, 2, 3, 9].map((retry) => at(retry, true))).toEqual([1000, 2000, 4000, 8000, 8000])
  })

  it('takes any share of that, so that callers do not come back together', () => {
    expect(delayMs({ ...DELAY, random: () => 0 })).toBe(0)
    expect(delayMs({ ...DELAY, random: () => 0.5 })).toBe(25)
  })

  it('waits as long as the provider says, up to 10 s', () => {
    expect(delayMs({ ...DELAY, hintMs: 3000 })).toBe(3000)
    expect(delayMs({ ...DELAY, hintMs: 10_000 })).toBe(10_000)
    expect(delayMs({ ...DELAY, hintMs: 10_001 })).toBeUndefined()
  })

  it('does not take a hint of nothing for leave to come at once', () => {
    expect(delayMs({ ...DELAY, throttled: true, hintMs: 0 })).toBe(1000)
  })

  it('waits for no more than half of what the caller has left', () => {
    expect(delayMs({ ...DELAY, hintMs: 3000, remainingMs: 6000 })).toBe(3000)
    expect(delayMs({ ...DELAY, hintMs: 3000, remainingMs: 5999 })).toBeUndefined()
    expect(delayMs({ ...DELAY, remainingMs: 0 })).toBeUndefined()
  })

  it('is never negative, never above 15 s, whatever a provider says', () => {
    fc.assert(
      fc.property(
        fc.record({
          retry: fc.nat(50),
          throttled: fc.boolean(),
          hintMs: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: undefined }),
          remainingMs: fc.double({ min: 0, noNaN: true }),
          random: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => () => value),
        }),
        (delay) => {
          const wait = delayMs(delay) ?? 0
          expect(wait).toBeGreaterThanOrEqual(0)
          expect(wait).toBeLessThanOrEqual(15_000)
          expect(wait).toBeLessThanOrEqual(delay.remainingMs / 2)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
