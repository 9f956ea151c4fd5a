// How long a provider asks to wait, whatever header it says it in.
import type { WireHeaders } from '../wire/message.ts'

/** Headers that say it outright, the most precise first. */
const WAITS: readonly [name: string, read: (value: string, nowMs: number) => number | undefined][] =
  [
    ['retry-after-ms', (value) => number(value)],
    ['x-ms-retry-after-ms', (value) => number(value)],
    ['retry-after', (value, nowMs) => seconds(value) ?? duration(value) ?? until(value, nowMs)],
  ]

/** Reset headers of OpenAI's and Groq's kind, with what is left: only an empty bucket is worth waiting for. */
const BUCKETS: readonly string[] = ['requests', 'tokens']

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds from `nowMs` (since 1970); undefined when the headers do not say. Never negative. */
export function retryAfterMs(headers: WireHeaders, nowMs: number): number | undefined {
  for (const [name, read] of WAITS) {
    const value = headers[name]?.trim()
    const wait = value === undefined ? undefined : read(value, nowMs)
    if (wait !== undefined) return Math.max(0, Math.ceil(wait))
  }
  const resets = BUCKETS.flatMap((bucket) => {
    if (headers[`x-ratelimit-remaining-${bucket}`]?.trim() !== '0') return []
    const value = headers[`x-ratelimit-reset-${bucket}`]?.trim() ?? ''
    return duration(value) ?? seconds(value) ?? []
  })
  return resets.length === 0 ? undefined : Math.max(0, Math.ceil(Math.max(...resets)))
}

function number(value: string): number | undefined {
  return /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined
}

function seconds(value: string): number | undefined {
  const count = number(value)
  return count === undefined ? undefined : count * 1000
}

/** Go's form, `1m30.5s`. */
function duration(value: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|h|m|s))+$/.test(value)) return undefined
  let total = 0
  for (const [, count, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|h|m|s)/g)) {
    total += Number(count) * (UNITS_MS[unit ?? ''] ?? 0)
  }
  return total
}

function until(value: string, nowMs: number): number | undefined {
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : at - nowMs
}
