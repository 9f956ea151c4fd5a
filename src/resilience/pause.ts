// Waiting between attempts; injected, so that tests own the clock.

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>

/** A timer that is told to wait longer runs at once. */
const LONGEST_MS = 2 ** 31 - 1

export const realPause: Pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(milliseconds, LONGEST_MS))
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
