// Limits in OpenAI's headers.
import { describe, expect, it } from 'vitest'
import type { ToldLimit } from '../canonical/limit-standing.ts'
import { usualLimitHeaders } from './limit-headers.ts'

const MINUTE: ToldLimit = {
  name: 'key-requests-minute',
  counts: 'requests',
  limit: 60,
  periodMs: 60_000,
  remaining: 59,
  resetMs: 1000,
}

describe('usualLimitHeaders', () => {
  it('tell of the limit with the least left', () => {
    const day = { ...MINUTE, limit: 1000, periodMs: 86_400_000, remaining: 10, resetMs: 5_400_000 }
    expect(usualLimitHeaders([MINUTE, day], 0)).toEqual({
      'x-ratelimit-limit-requests': '1000',
      'x-ratelimit-remaining-requests': '10',
      'x-ratelimit-reset-requests': '1h30m0s',
    })
  })

  it('say nothing where nothing is limited, nor of calls at once', () => {
    expect(usualLimitHeaders([{ ...MINUTE, counts: 'calls' }], 0)).toEqual({})
  })

  it.each([
    [0, '0ms'],
    [999.2, '1s'],
    [6500, '6.5s'],
    [60_000, '1m0s'],
  ])('print %s ms as %s', (resetMs, text) => {
    const headers = usualLimitHeaders([{ ...MINUTE, resetMs }], 0)
    expect(headers['x-ratelimit-reset-requests']).toBe(text)
  })
})
