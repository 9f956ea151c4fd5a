// How a call to a provider broke, as whoever saw it break knows it: finer than the kind of an error, and never guessed from its text.

/**
 * `dns`, `connect_*`, `unreachable`, `tls`: no connection. `reset_uploading`: the request was not read whole.
 * `reset_before_headers`, `eof_before_headers`: read, as far as is known, and not answered. `ttft_timeout`: no first word.
 * `truncated`: an answer that broke off. `protocol`: bytes that are no HTTP, or no HTTP to be trusted. `parse`: a body that
 * is not what its protocol says. `error_in_200`, `in_band_error`: a failure told under a status of success, whole or in a stream.
 * `total_timeout`, `deadline`: given up when all the time was over, ours or the caller's.
 */
export type BreakageCause =
  | 'connect_refused'
  | 'connect_timeout'
  | 'deadline'
  | 'dns'
  | 'dns_timeout'
  | 'eof_before_headers'
  | 'error_in_200'
  | 'idle_timeout'
  | 'in_band_error'
  | 'parse'
  | 'protocol'
  | 'redirect'
  | 'reset_before_headers'
  | 'reset_uploading'
  | 'tls'
  | 'too_large'
  | 'total_timeout'
  | 'truncated'
  | 'ttft_timeout'
  | 'unreachable'

export interface Breakage {
  readonly cause: BreakageCause
  /** How much of the request the provider can have: with less than all of it, it cannot have begun. */
  readonly sent: 'nothing' | 'part' | 'all'
  /** What the system called it, such as `CERT_HAS_EXPIRED`. */
  readonly detail?: string
}
