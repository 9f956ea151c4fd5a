// Hints of when to try again, in headers of any host.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { printRetryAfter, readRetryAfter } from './retry-hint.ts'

function busy(retryAfterMs?: number): GatewayError {
  return new GatewayError('overloaded', 'x', retryAfterMs === undefined ? {} : { retryAfterMs })
}

describe('readRetryAfter', () => {
  it('reads milliseconds before seconds before the resets of exhausted lanes', () => {
    expect(readRetryAfter({ 'retry-after-ms': '1500.5', 'retry-after': '9' })).toBe(1500.5)
    expect(readRetryAfter({ 'retry-after': '2' })).toBe(2000)
    expect(
      readRetryAfter({
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '6m0s',
        'x-ratelimit-remaining-tokens': '5',
        'x-ratelimit-reset-tokens': '2h',
      }),
    ).toBe(360_000)
  })

  it('leaves a date to those who have a clock, and takes no nonsense', () => {
    expect(readRetryAfter({ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })).toBeUndefined()
    expect(readRetryAfter({ 'retry-after': '-5' })).toBeUndefined()
    expect(readRetryAfter({ 'retry-after': '' })).toBeUndefined()
    expect(readRetryAfter({})).toBeUndefined()
  })

  it.each([
    ['7.66s', 7660],
    ['120ms', 120],
    ['1m30s', 90_000],
    ['soon', undefined],
    ['', undefined],
  ])('reads the duration %j', (text, ms) => {
    const headers = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': text }
    expect(readRetryAfter(headers)).toBe(ms)
  })
})

describe('printRetryAfter', () => {
  it('rounds seconds up, and never tells anyone to try again at once', () => {
    expect(printRetryAfter(busy(1500.2))).toEqual({ 'retry-after': '2', 'retry-after-ms': '1501' })
    expect(printRetryAfter(busy(0))).toEqual({ 'retry-after': '1', 'retry-after-ms': '0' })
  })

  it('says nothing where nothing is known, and nothing of what waiting does not heal', () => {
    expect(printRetryAfter(busy())).toEqual({})
    expect(printRetryAfter(new GatewayError('quota', 'x', { retryAfterMs: 5 }))).toEqual({})
  })
})
