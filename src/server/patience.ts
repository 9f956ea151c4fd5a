// How long a client waits, and how often it has tried already, as it says in its headers.
import { GatewayError } from '../canonical/errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { WireHeaders } from '../wire/message.ts'

/** A day: nobody waits longer, and no timer could. */
const LONGEST_MS = 86_400_000

/**
 * `x-patchbay-timeout-ms` is for the whole answer. What the SDKs of several vendors say is when they stop waiting for its
 * head: the body of a stream may take longer. They round seconds down, so that 0 says nothing.
 */
export function patienceIn(
  headers: WireHeaders,
): Pick<Exchange, 'timeoutMs' | 'beginMs' | 'clientRetries'> {
  const timeoutMs = amountIn(headers, 'x-patchbay-timeout-ms', 'milliseconds')
  const seconds = amountIn(headers, 'x-stainless-timeout', 'seconds')
  const retries = /^\d{1,4}$/.exec(headers['x-stainless-retry-count']?.trim() ?? '')?.[0]
  if (timeoutMs === 0) throw refused('x-patchbay-timeout-ms', 'milliseconds')
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(seconds === undefined || seconds === 0 ? {} : { beginMs: seconds * 1000 }),
    ...(retries === undefined ? {} : { clientRetries: Number(retries) }),
  }
}

function amountIn(headers: WireHeaders, name: string, unit: string): number | undefined {
  const text = headers[name]?.trim()
  if (text === undefined) return undefined
  if (!/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) throw refused(name, unit)
  return Math.min(Number(text), LONGEST_MS)
}

function refused(name: string, unit: string): GatewayError {
  return new GatewayError(
    'invalid_request',
    `The header ${name} must be a number of ${unit} above 0. Send it so, or leave it out.`,
    { origin: 'client', code: 'invalid_timeout', param: name },
  )
}
