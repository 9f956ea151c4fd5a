// Every form in which providers say how long to wait.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0)

describe('retryAfterMs', () => {
  it.each([
    ['retry-after', '2', 2000],
    ['retry-after', '0.25', 250],
    ['retry-after', ' 3 ', 3000],
    ['retry-after', 'Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['retry-after', 'Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['retry-after', '1m30.5s', 90_500],
    ['retry-after', '250ms', 250],
    ['retry-after-ms', '1500', 1500],
    ['x-ms-retry-after-ms', '75.2', 76],
  ])('reads %s: %s', (name, value, expected) => {
    expect(retryAfterMs({ [name]: value }, NOW)).toBe(expected)
  })

  it('prefers the more precise header', () => {
    expect(retryAfterMs({ 'retry-after': '2', 'retry-after-ms': '1250' }, NOW)).toBe(1250)
  })

  it('reads the reset of the bucket that is empty, and of no other', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '2m59.56s',
      'x-ratelimit-remaining-tokens': '100',
      'x-ratelimit-reset-tokens': '1h',
    }
    expect(retryAfterMs(headers, NOW)).toBe(179_560)
  })

  it.each([{}, { 'retry-after': 'soon' }, { 'retry-after': '' }, { 'retry-after-ms': 'NaN' }])(
    'says nothing for %j',
    (headers) => {
      expect(retryAfterMs(headers, NOW)).toBeUndefined()
    },
  )

  it('falls back when the precise header is unreadable', () => {
    expect(retryAfterMs({ 'retry-after-ms': 'x', 'retry-after': '1' }, NOW)).toBe(1000)
  })

  it('is never negative and never fails', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (value, now) => {
        const wait = retryAfterMs({ 'retry-after': value }, now)
        expect(wait === undefined || wait >= 0).toBe(true)
      }),
    )
  })
})
