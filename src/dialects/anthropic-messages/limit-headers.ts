// How limits are told in headers, as Anthropic has them.
import { type Counted, type ToldLimit, tightest } from '../../canonical/limit-standing.ts'
import type { WireHeaders } from '../../wire/message.ts'
import type { LimitHeaders } from '../limit-headers.ts'

export const limitHeaders: LimitHeaders = (limits, nowMs) => ({
  ...headersOf('requests', limits, nowMs),
  ...headersOf('tokens', limits, nowMs),
})

function headersOf(counts: Counted, limits: readonly ToldLimit[], nowMs: number): WireHeaders {
  const told = tightest(limits, counts)
  if (told === undefined) return {}
  const seconds = Math.ceil((nowMs + told.resetMs) / 1000)
  return {
    [`anthropic-ratelimit-${counts}-limit`]: String(told.limit),
    [`anthropic-ratelimit-${counts}-remaining`]: String(told.remaining),
    [`anthropic-ratelimit-${counts}-reset`]: new Date(seconds * 1000)
      .toISOString()
      .replace('.000Z', 'Z'),
  }
}
