// How long a provider asks to wait, whatever header it says it in.
import type { WireHeaders } from '../wire/message.ts'
import { rateLimitsIn, waitFor } from './rate-limits.ts'
import { durationMs, numberIn } from './wait.ts'

/** Headers that say it outright, the most precise first. */
const WAITS: readonly [name: string, read: (value: string, nowMs: number) => number | undefined][] =
  [
    ['retry-after-ms', (value) => numberIn(value)],
    ['x-ms-retry-after-ms', (value) => numberIn(value)],
    ['retry-after', (value, nowMs) => seconds(value) ?? durationMs(value) ?? until(value, nowMs)],
  ]

/** Milliseconds from `nowMs` (since 1970); undefined when the headers do not say. Never negative. */
export function retryAfterMs(headers: WireHeaders, nowMs: number): number | undefined {
  for (const [name, read] of WAITS) {
    const value = headers[name]?.trim()
    const wait = value === undefined ? undefined : read(value, nowMs)
    if (wait !== undefined) return Math.max(0, Math.ceil(wait))
  }
  return waitFor(rateLimitsIn(headers, nowMs))
}

function seconds(value: string): number | undefined {
  const count = numberIn(value)
  return count === undefined ? undefined : count * 1000
}

function until(value: string, nowMs: number): number | undefined {
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : at - nowMs
}
