// When to try again, read from the headers of an answer and printed into them. A date is left to the transport, which has a clock.
import type { GatewayError } from '../canonical/errors.ts'
import type { WireHeaders } from '../wire/message.ts'

/** Milliseconds; undefined where nothing usable is said. */
export function readRetryAfter(headers: WireHeaders): number | undefined {
  return (
    positive(headers['retry-after-ms'], 1) ??
    positive(headers['retry-after'], 1000) ??
    exhaustedReset(headers)
  )
}

/** Whole seconds for everyone, one at least, and milliseconds for clients that know them; nothing for a failure that waiting does not heal. */
export function printRetryAfter({ retryable, retryAfterMs }: GatewayError): WireHeaders {
  if (!retryable || retryAfterMs === undefined) return {}
  return {
    'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))),
    'retry-after-ms': String(Math.ceil(retryAfterMs)),
  }
}

function positive(text: string | undefined, unit: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const amount = Number(text)
  return Number.isFinite(amount) && amount >= 0 ? amount * unit : undefined
}

const LANES = ['requests', 'tokens', 'project-tokens']

/** The longest reset among the lanes that have nothing left. */
function exhaustedReset(headers: WireHeaders): number | undefined {
  const waits = LANES.filter((lane) => headers[`x-ratelimit-remaining-${lane}`] === '0')
    .map((lane) => durationMs(headers[`x-ratelimit-reset-${lane}`] ?? ''))
    .filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Math.max(...waits)
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `6m0s`, `7.66s`, `120ms`. */
function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined
  return [...text.matchAll(/(?<amount>\d+(?:\.\d+)?)(?<unit>ms|s|m|h)/g)].reduce(
    (sum, { groups = {} }) => sum + Number(groups['amount']) * (UNITS[groups['unit'] ?? ''] ?? 0),
    0,
  )
}
