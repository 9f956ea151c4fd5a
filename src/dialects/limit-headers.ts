// How limits are told in headers, as OpenAI and most others after it have them.
import { type Counted, type ToldLimit, tightest } from '../canonical/limit-standing.ts'
import type { WireHeaders } from '../wire/message.ts'

/** The headers of an answer, good or refused. `nowMs`: milliseconds since 1970. */
export type LimitHeaders = (limits: readonly ToldLimit[], nowMs: number) => WireHeaders

/** `x-ratelimit-limit-requests` and so on, of the limit with the least left. */
export const usualLimitHeaders: LimitHeaders = (limits) => ({
  ...headersOf(limits, 'requests'),
  ...headersOf(limits, 'tokens'),
})

function headersOf(limits: readonly ToldLimit[], counts: Counted): WireHeaders {
  const told = tightest(limits, counts)
  if (told === undefined) return {}
  return {
    [`x-ratelimit-limit-${counts}`]: String(told.limit),
    [`x-ratelimit-remaining-${counts}`]: String(told.remaining),
    [`x-ratelimit-reset-${counts}`]: duration(told.resetMs),
  }
}

/** As Go prints it: `120ms`, `6.5s`, `1m30s`, `23h59m0s`. */
function duration(milliseconds: number): string {
  const ms = Math.ceil(milliseconds)
  if (ms < 1000) return `${ms}ms`
  const seconds = (ms % 60_000) / 1000
  const minutes = Math.floor(ms / 60_000)
  if (minutes === 0) return `${seconds}s`
  if (minutes < 60) return `${minutes}m${seconds}s`
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}s`
}
