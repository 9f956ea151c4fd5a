// Every form in which providers say how long to wait.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0)

/** Unix time of NOW, in seconds. */
const EPOCH = NOW / 1000
const MONTH = 30 * 24 * 3_600_000

describe('F043 one reader for every form', () => {
  it.each([
    ['retry-after', '0', 0],
    ['retry-after', '2', 2000],
    ['retry-after', '2.5', 2500],
    ['retry-after', '007', 7000],
    ['retry-after', '6m0s', 360_000],
    ['retry-after', '1s', 1000],
    ['retry-after', '250ms', 250],
    ['retry-after', '1h2m3s', 3_723_000],
    ['retry-after', '1.5h', 5_400_000],
    ['retry-after', '500us', 1],
    ['retry-after', String(EPOCH + 30), 30_000],
    ['retry-after', String(NOW + 30_000), 30_000],
    ['retry-after', '2026-01-01T12:00:30Z', 30_000],
    ['retry-after', '2026-01-01T12:00:30.500Z', 30_500],
    ['retry-after', '2026-01-01T13:00:30+01:00', 30_000],
    ['retry-after', 'Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['retry-after', 'Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
    ['retry-after', 'Thu Jan  1 12:00:30 2026 GMT', 30_000],
    ['retry-after-ms', '1500', 1500],
    ['retry-after-ms', String(NOW + 1500), 1500],
    ['x-ratelimit-reset-requests', '6m0s', 360_000],
    ['x-ratelimit-reset-requests', '1s', 1000],
    ['x-ratelimit-reset-requests', '250ms', 250],
    ['x-ratelimit-reset-requests', String(EPOCH + 30), 30_000],
    ['x-ratelimit-reset', String(NOW + 30_000), 30_000],
    ['x-ratelimit-reset-tokens', '12.5', 12_500],
    ['anthropic-ratelimit-tokens-reset', '2026-01-01T12:00:30Z', 30_000],
  ])('%s: %s', (name, value, expected) => {
    expect(retryAfterMs({ [name]: value }, NOW)).toBe(expected)
  })
})

describe('F047 a hint that makes no sense', () => {
  it.each(['-5', 'NaN', '1e308', '1e9', 'Infinity', '9'.repeat(400), '0x10', '2\r\n3', '٣', '1,5'])(
    '%s is none',
    (value) => {
      expect(retryAfterMs({ 'retry-after': value }, NOW)).toBeUndefined()
    },
  )

  it.each([
    ['a year that nobody lives to see', 'Fri, 31 Dec 9999 23:59:59 GMT', MONTH],
    ['a time that is over', '1000000000', 0],
    ['the largest number of seconds', '2591999', MONTH - 1000],
  ])('%s is kept within a month', (_what, value, expected) => {
    expect(retryAfterMs({ 'retry-after': value }, NOW)).toBe(expected)
  })
})

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
