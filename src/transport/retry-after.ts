// How long a provider asks to wait, whatever header it says it in.
import type { WireHeaders } from '../wire/message.ts'
import { LONGEST_WAIT_MS, pointMs, spanMs } from '../wire/wait.ts'
import { rateLimitsIn, waitFor } from './rate-limits.ts'

/** Headers that say it outright, the most precise first, with their unit in milliseconds. */
const WAITS: readonly (readonly [name: string, unitMs: number])[] = [
  ['retry-after-ms', 1],
  ['x-ms-retry-after-ms', 1],
  ['retry-after', 1000],
]

/** Milliseconds from `nowMs` (since 1970); undefined when the headers do not say. Never negative, and never more than a month. */
export function retryAfterMs(headers: WireHeaders, nowMs: number): number | undefined {
  for (const [name, unitMs] of WAITS) {
    const wait = waitIn(headers[name]?.trim() ?? '', { unitMs, nowMs })
    if (wait !== undefined) return clamped(wait)
  }
  const wait = waitFor(rateLimitsIn(headers, nowMs))
  return wait === undefined ? undefined : clamped(wait)
}

function waitIn(
  text: string,
  { unitMs, nowMs }: { readonly unitMs: number; readonly nowMs: number },
): number | undefined {
  const span = spanMs(text, unitMs)
  if (span !== undefined) return span
  const point = pointMs(text)
  return point === undefined ? undefined : point - nowMs
}

function clamped(wait: number): number {
  return Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(wait)))
}
