// The contract of the one place that calls out.

/** Seconds of patience for each phase of a call, in milliseconds. */
export interface Timeouts {
  /** Name lookup, TCP and TLS. */
  readonly connectMs: number
  /** From the request's last byte to the answer's first. */
  readonly firstByteMs: number
  /** Between two chunks of the answer. */
  readonly idleMs: number
  readonly totalMs: number
}

/** Which addresses a call may reach: `public` is https to public addresses; `private` also loopback, private networks and plain http. */
export type Reach = 'public' | 'private'

/** What every request says besides its own headers, whatever those say of it. */
export const TRANSPORT_HEADERS = { 'accept-encoding': 'identity' } as const

/** Where a call goes, and what may be dialled for it. */
export interface Destination {
  /** Never changed once it is given: what follows from it is worked out once. */
  readonly url: URL
  readonly reach: Reach
}

export interface TransportRequest extends Destination {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly timeouts: Timeouts
  readonly signal: AbortSignal
}

/** Pulled chunk by chunk; leaving the iteration closes the upstream connection at once. */
export interface AnswerBody extends AsyncIterable<Uint8Array> {
  /**
   * All of it, for whoever has taken nothing yet. Throws GatewayError upstream when it is longer than `maxBytes`. Absent: it can
   * only be pulled.
   */
  whole?(maxBytes: number): Promise<Uint8Array>
}

export interface TransportResponse {
  readonly status: number
  /** Names are lower case; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** Must be read or cancelled. */
  readonly body: AnswerBody
  cancel(): void
  /** The rest does not matter: reads on for a moment, so that the connection can be used again, else closes it. */
  release(): void
}

export interface Transport {
  /** Resolves with the head of the answer, whatever its status. Throws GatewayError: timeout, upstream, cancelled, permission. */
  send(request: TransportRequest): Promise<TransportResponse>
  /**
   * Whether a connection may be made there, as far as is known now: throws what `send` would. Opens none. Absent: nothing is
   * known before.
   */
  vet?(destination: Destination): Promise<void>
  close(): Promise<void>
}
