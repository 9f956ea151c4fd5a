// The one word for why an attempt failed: the label of metrics, of few values whatever providers answer.
import type { GatewayError } from '../canonical/errors.ts'

/** Statuses with a word of their own. */
const STATUSES: Readonly<Record<number, string>> = {
  401: 'auth',
  402: 'billing',
  403: 'forbidden',
}
/** Those that providers are known to answer with; any other is counted with its like. */
const KNOWN = new Set([400, 404, 408, 409, 413, 422, 425, 429, 500, 502, 503, 504, 529])

/** As it broke, where that was seen; else by the provider's status; else by the code or kind of what we said ourselves. */
export function failureCause(error: GatewayError): string {
  if (error.breakage !== undefined) return error.breakage.cause
  const status = error.upstream?.status
  if (status !== undefined && status >= 400) return statusWord(status)
  return error.origin === 'upstream' ? error.kind : (error.code ?? error.kind)
}

function statusWord(status: number): string {
  const word = STATUSES[status]
  if (word !== undefined) return word
  if (KNOWN.has(status)) return `http_${status}`
  return status < 500 ? 'http_4xx_other' : 'http_5xx_other'
}
