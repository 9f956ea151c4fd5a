// When to try again, from the headers of an answer. A date is left to the transport, which has a clock.
import type { WireHeaders } from '../../wire/message.ts'

/** Milliseconds; undefined where nothing usable is said. */
export function retryAfterMs(headers: WireHeaders): number | undefined {
  const said = amount(headers['retry-after-ms']) ?? seconds(headers['retry-after'])
  if (said !== undefined) return said
  const waits = ['requests', 'tokens']
    .filter((lane) => headers[`x-ratelimit-remaining-${lane}`] === '0')
    .map((lane) => durationMs(headers[`x-ratelimit-reset-${lane}`] ?? ''))
    .filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Math.max(...waits)
}

function seconds(text: string | undefined): number | undefined {
  const value = amount(text)
  return value === undefined ? undefined : value * 1000
}

function amount(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `6m0s`, `7.66s`, `120ms`. */
function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined
  const pieces = [...text.matchAll(/(?<count>\d+(?:\.\d+)?)(?<unit>ms|s|m|h)/g)]
  return pieces.reduce(
    (sum, { groups = {} }) => sum + Number(groups['count']) * (UNITS[groups['unit'] ?? ''] ?? 0),
    0,
  )
}
