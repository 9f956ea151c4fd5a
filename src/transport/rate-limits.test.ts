// The limits that vendors write into their headers, each in its own spelling.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rateLimitsIn, waitFor } from './rate-limits.ts'

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0)

describe('rateLimitsIn', () => {
  it("reads OpenAI's and Groq's, with resets as durations", () => {
    expect(
      rateLimitsIn(
        {
          'x-ratelimit-limit-requests': '5000',
          'x-ratelimit-remaining-requests': '4999',
          'x-ratelimit-reset-requests': '12ms',
          'x-ratelimit-limit-tokens': '800000',
          'x-ratelimit-remaining-tokens': '0',
          'x-ratelimit-reset-tokens': '6m0s',
          'x-ratelimit-remaining-project-tokens': '7',
        },
        NOW,
      ),
    ).toEqual({
      seenAtMs: NOW,
      buckets: [
        {
          name: 'requests',
          counts: 'requests',
          limit: 5000,
          remaining: 4999,
          resetAtMs: NOW + 12,
        },
        {
          name: 'tokens',
          counts: 'tokens',
          limit: 800_000,
          remaining: 0,
          resetAtMs: NOW + 360_000,
        },
        { name: 'project-tokens', counts: 'tokens', remaining: 7 },
      ],
    })
  })

  it("reads Anthropic's, with resets as dates", () => {
    const state = rateLimitsIn(
      {
        'anthropic-ratelimit-requests-limit': '4000',
        'anthropic-ratelimit-requests-remaining': '3999',
        'anthropic-ratelimit-requests-reset': '2026-01-01T12:00:34Z',
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-01-01T12:01:00Z',
      },
      NOW,
    )
    expect(state?.buckets).toEqual([
      {
        name: 'requests',
        counts: 'requests',
        limit: 4000,
        remaining: 3999,
        resetAtMs: NOW + 34_000,
      },
      { name: 'input-tokens', counts: 'tokens', remaining: 0, resetAtMs: NOW + 60_000 },
    ])
    expect(waitFor(state)).toBe(60_000)
  })

  it.each([
    [
      "Mistral's",
      { 'x-ratelimit-limit-req-minute': '100', 'x-ratelimit-remaining-tokens-month': '9' },
      [
        { name: 'req-minute', counts: 'requests', limit: 100 },
        { name: 'tokens-month', counts: 'tokens', remaining: 9 },
      ],
    ],
    [
      "Cerebras's, whose resets are seconds",
      { 'x-ratelimit-remaining-requests-day': '0', 'x-ratelimit-reset-requests-day': '3563.84' },
      [{ name: 'requests-day', counts: 'requests', remaining: 0, resetAtMs: NOW + 3_563_840 }],
    ],
    [
      "Together's",
      { 'x-ratelimit-limit': '10', 'x-ratelimit-reset': '1', 'x-tokenlimit-remaining': '5' },
      [
        { name: 'requests', counts: 'requests', limit: 10, resetAtMs: NOW + 1000 },
        { name: 'tokens', counts: 'tokens', remaining: 5 },
      ],
    ],
    [
      "OpenRouter's, whose reset is in milliseconds since 1970",
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 5000) },
      [{ name: 'requests', counts: 'requests', remaining: 0, resetAtMs: NOW + 5000 }],
    ],
    [
      'a reset in seconds since 1970',
      { 'x-ratelimit-reset-tokens': String(NOW / 1000 + 9) },
      [{ name: 'tokens', counts: 'tokens', resetAtMs: NOW + 9000 }],
    ],
  ])('reads %s', (_, headers, buckets) => {
    expect(rateLimitsIn(headers, NOW)?.buckets).toEqual(buckets)
  })

  it.each([
    {},
    { 'content-type': 'application/json' },
    { 'x-ratelimit-limit-input-images': '5' },
    { 'x-ratelimit-remaining-ocr-pages-minute': '1249' },
    { 'x-ratelimit-remaining-tokens': 'many' },
  ])('says nothing for %j', (headers) => {
    expect(rateLimitsIn(headers, NOW)).toBeUndefined()
  })

  it('never fails, and never waits for what is past', () => {
    const header = fc.constantFrom(
      'x-ratelimit-reset-tokens',
      'x-ratelimit-remaining-tokens',
      'anthropic-ratelimit-tokens-reset',
    )
    fc.assert(
      fc.property(fc.dictionary(header, fc.string()), fc.nat(), (headers, now) => {
        expect(waitFor(rateLimitsIn(headers, now)) ?? 0).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
