// The language of faults: where in the life of a call something happens, and what.

/**
 * `connect`: the connection is there, nothing has been read. `tls`: TLS is about to begin. `upload`: so many bytes of the
 * request have been read. `head`: the request has been read whole, nothing has been written. `body`: so many bytes of the
 * body have been written. `frame`: so many frames of it. `end`: all but the end of the body has been written.
 */
export type Place =
  | 'connect'
  | 'tls'
  | 'head'
  | 'end'
  | { readonly upload: number }
  | { readonly body: number }
  | { readonly frame: number }

type Deed =
  /** RST. */
  | { readonly do: 'reset' }
  /** A proper end of the connection. */
  | { readonly do: 'fin' }
  /** Nothing more, ever. */
  | { readonly do: 'stall' }
  /** Bytes on the socket as they are, outside of HTTP's own framing. */
  | { readonly do: 'garbage'; readonly bytes: string | Uint8Array }
  /** An answer of its own instead of the good one. */
  | { readonly do: 'status'; readonly answer: RawAnswer }
  /** Further lines of the head. */
  | { readonly do: 'header'; readonly lines: readonly string[] }
  /** Text within the body. */
  | { readonly do: 'event'; readonly text: string | Uint8Array }
  /** The same text within the body again and again, until the connection is closed. */
  | { readonly do: 'drip'; readonly text: string; readonly everyMs: number }
  /** From here on so many bytes a write, each on its way before the next. */
  | { readonly do: 'slice'; readonly bytes: number }
  /** So many bytes within the body without an end of line. */
  | { readonly do: 'bomb'; readonly count: number }
  /** Only these frames of the good answer. */
  | { readonly do: 'keep'; readonly frames: (frame: string, at: number) => boolean }
  /** The good answer in the other shape than was asked for: a stream as a whole, a whole as a stream. */
  | { readonly do: 'other-shape' }

export interface RawAnswer {
  readonly status: number
  /** Lines of the head, without the one of the status. */
  readonly head?: readonly string[]
  readonly body?: string | Uint8Array
}

export type Fault = Deed & { readonly at: Place }

/** What one call meets, in order; nothing: the good answer. */
export type Script = readonly Fault[]

export const GOOD: Script = []

/** An answer of the provider's own that is no success. */
export function refusal(status: number, body: unknown, head: readonly string[] = []): Script {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/html' : 'application/json'
  const answer = { status, head: [`content-type: ${type}`, ...head], body: text }
  return [{ at: 'head', do: 'status', answer }]
}

/** A whole answer of other bytes under a success status. */
export function answers(body: string | Uint8Array, type: string = 'application/json'): Script {
  const answer = { status: 200, head: [`content-type: ${type}`], body }
  return [{ at: 'head', do: 'status', answer }]
}

/** These very bytes instead of an answer, and the end of the connection. */
export function raw(bytes: string): Script {
  return [
    { at: 'head', do: 'garbage', bytes },
    { at: 'head', do: 'fin' },
  ]
}
