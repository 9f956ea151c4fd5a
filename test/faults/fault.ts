// The language of faults: where in the life of a connection, and what happens there.

/**
 * `accept`: nothing has been read. `request`: the request has been read whole. `head`: the head of the answer has been
 * written. `body`: so many bytes of the body have been written. `frame`: so many frames of a stream. `end`: all but the end.
 */
export type Place =
  | 'accept'
  | 'request'
  | 'head'
  | 'end'
  | { readonly body: number }
  | { readonly frame: number }

/**
 * `reset`: RST. `fin`: a proper end of the connection. `stall`: nothing more, ever. `bytes`: these, as they are.
 * `flood`: so many bytes without an end of line. `answer`: another answer than the good one.
 */
export type Deed =
  | { readonly do: 'reset' }
  | { readonly do: 'fin' }
  | { readonly do: 'stall' }
  | { readonly do: 'bytes'; readonly bytes: string }
  | { readonly do: 'flood'; readonly count: number }
  | { readonly do: 'answer'; readonly answer: RawAnswer }

export interface RawAnswer {
  readonly status: number
  /** Lines of the head, without the one of the status. */
  readonly head?: readonly string[]
  readonly body?: string
}

export interface Fault {
  readonly at: Place
  readonly deed: Deed
}

/** How the good answer is written where nothing goes wrong. */
export interface Manner {
  /** Bytes of one write; default: all that there is. */
  readonly slice?: number
}

export interface Script extends Manner {
  readonly faults?: readonly Fault[]
}

/** The good answer, up to a place. */
export function at(place: Place, deed: Deed): Script {
  return { faults: [{ at: place, deed }] }
}

/** An answer of the provider's own that is no success. */
export function refusal(status: number, body: unknown, head: readonly string[] = []): Script {
  return at('request', {
    do: 'answer',
    answer: {
      status,
      head: ['content-type: application/json', ...head],
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
  })
}
