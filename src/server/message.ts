// HTTP messages as the server's own code sees them: no sockets, so that everything but node.ts runs without one.
import type { Json } from '../wire/json.ts'
import type { WireHeaders } from '../wire/message.ts'

export interface Inbound {
  readonly method: string
  /** The request target as it stood in the request line: a percent-encoded path and query. */
  readonly url: string
  /** By lower-case name, as dialects read them: what came several times under one name is joined by commas, in order. */
  readonly headers: WireHeaders
  /** Each value of one header, by its lower-case name. */
  readonly valuesOf: (name: string) => readonly string[]
  /** Where the client is, as an IP address; absent where nobody can tell. */
  readonly address?: string | undefined
  /** It came in at the address that is the admin's alone. */
  readonly atAdmin?: boolean
  /** Reads the whole body, once. Throws `request_too_large` without reading on, and `timeout` with status 408. */
  readonly readBody: (maxBytes: number) => Promise<Uint8Array>
  /** Aborts when the client has gone or the server stops; the reason is a GatewayError. */
  readonly signal: AbortSignal
}

export interface Outbound {
  readonly status: number
  readonly headers: WireHeaders
  /** Whole, or in pieces as they come; leaving the iteration early cancels what makes them. */
  readonly body: string | AsyncIterable<string | Uint8Array>
  /** Of a body in pieces that has ended: whether the answer in it is whole. Absent where nobody can tell. */
  readonly endedWell?: () => boolean
  /** To be called once nobody is to read its body in pieces any more, however that came. */
  readonly ended?: () => void
  /** What is known only behind the last piece of a body in pieces. */
  readonly trailers?: () => WireHeaders
  /** For the log alone: everything that translation changed, told to the caller or not. */
  readonly notes?: string
}

/** Never rejects. */
export type Application = (inbound: Inbound) => Promise<Outbound>

export { type After, realAfter } from '../canonical/after.ts'

export const JSON_HEADERS: WireHeaders = { 'content-type': 'application/json; charset=utf-8' }

/** A JSON answer; `undefined` keys are left out. */
export function jsonAnswer(value: Json, status: number = 200): Outbound {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(value) }
}
