// Limits in Anthropic's headers.
import { expect, it } from 'vitest'
import { limitHeaders } from './limit-headers.ts'

it('tells what is left, and when all of it is there again', () => {
  const tokens = {
    name: 'key-tokens-minute',
    counts: 'tokens',
    limit: 1000,
    periodMs: 60_000,
  } as const
  const headers = limitHeaders(
    [{ ...tokens, remaining: 400, resetMs: 35_500 }],
    Date.UTC(2026, 0, 2, 3, 4, 5),
  )
  expect(headers).toEqual({
    'anthropic-ratelimit-tokens-limit': '1000',
    'anthropic-ratelimit-tokens-remaining': '400',
    'anthropic-ratelimit-tokens-reset': '2026-01-02T03:04:41Z',
  })
  expect(limitHeaders([], 0)).toEqual({})
})
