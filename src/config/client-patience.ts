// How long clients are waited for, and how much is held for them.

export interface ClientPatience {
  /** Milliseconds for the head of a request. */
  readonly headersMs: number
  /** Milliseconds for a whole request. */
  readonly requestMs: number
  /** Milliseconds before a body must have come at `bodyMinRate`. */
  readonly bodyGraceMs: number
  /** Bytes a second. */
  readonly bodyMinRate: number
  /** Milliseconds for which a body may pause, however fast it came before. */
  readonly bodyPauseMs: number
  /** Milliseconds in which a client must take some of its answer. */
  readonly writeStallMs: number
  /** Bytes of one answer that wait for a client to take them. */
  readonly bufferBytes: number
  /** Bytes of a refused body that are read all the same, so that its client gets to read why. */
  readonly discardBytes: number
  /** Connections at once. */
  readonly maxConnections: number
  /** Of one address that is neither this machine nor a declared proxy. */
  readonly maxPerAddress: number
}

export const CLIENT_PATIENCE: ClientPatience = {
  headersMs: 10_000,
  requestMs: 300_000,
  bodyGraceMs: 10_000,
  bodyMinRate: 1024,
  bodyPauseMs: 30_000,
  writeStallMs: 60_000,
  bufferBytes: 256 * 1024,
  discardBytes: 64 * 1024,
  maxConnections: 20_000,
  maxPerAddress: 1000,
}
