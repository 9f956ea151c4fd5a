// When to try again, read from the headers of an answer and printed into them. A point in time is left to the transport, which has a clock.
import type { GatewayError } from '../canonical/errors.ts'
import type { WireHeaders } from '../wire/message.ts'
import { spanMs } from '../wire/wait.ts'

/** Milliseconds; undefined where nothing usable is said. */
export function readRetryAfter(headers: WireHeaders): number | undefined {
  return (
    span(headers['retry-after-ms'], 1) ??
    span(headers['retry-after'], 1000) ??
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

function span(text: string | undefined, unitMs: number): number | undefined {
  return text === undefined ? undefined : spanMs(text.trim(), unitMs)
}

const LANES = ['requests', 'tokens', 'project-tokens']

/** The longest reset among the lanes that have nothing left. */
function exhaustedReset(headers: WireHeaders): number | undefined {
  const waits = LANES.filter((lane) => headers[`x-ratelimit-remaining-${lane}`] === '0')
    .map((lane) => span(headers[`x-ratelimit-reset-${lane}`], 1000))
    .filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Math.max(...waits)
}
