// How long to wait before the same target is asked again: full jitter, and the provider's own word where it is short enough.

/** Milliseconds. */
export interface BackoffOptions {
  /** Of the first wait after a failure of the way or the provider. Default 50. */
  readonly transientBaseMs: number
  /** Of the first wait after the provider refused for now. Default 1000. */
  readonly throttleBaseMs: number
  /** No wait is longer by our own reckoning. Default 8000. */
  readonly capMs: number
  /** A provider's hint above this is not waited for. Default 10000. */
  readonly hintCapMs: number
}

export const BACKOFF: BackoffOptions = {
  transientBaseMs: 50,
  throttleBaseMs: 1000,
  capMs: 8000,
  hintCapMs: 10_000,
}

export interface Delay {
  /** Counted from 0. */
  readonly retry: number
  readonly throttled: boolean
  /** What the provider said, in milliseconds. */
  readonly hintMs: number | undefined
  /** Until the caller's deadline; Infinity where there is none. */
  readonly remainingMs: number
  /** 0 to 1. */
  readonly random: () => number
}

/** A provider that asks for a little time gets it, and no more than this over our own reckoning. */
const OVER_HINT_MS = 5000

/** Milliseconds to wait; undefined when waiting is not worth it, and another target, or nobody, should be asked. */
export function delayMs(delay: Delay, options: BackoffOptions = BACKOFF): number | undefined {
  const { retry, hintMs, remainingMs, random } = delay
  const base = delay.throttled ? options.throttleBaseMs : options.transientBaseMs
  const computed = random() * Math.min(options.capMs, base * 2 ** retry)
  const wait = hintMs === undefined ? computed : hinted(computed, hintMs)
  const most = Math.min(hintMs === undefined ? options.capMs : options.hintCapMs, remainingMs / 2)
  return wait > most ? undefined : wait
}

function hinted(computed: number, hintMs: number): number {
  return Math.min(Math.max(computed, hintMs), hintMs + OVER_HINT_MS)
}
