// Waiting between attempts; injected, so that tests own the clock.
import { LONGEST_WAIT_MS } from '../canonical/after.ts'

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>

export const realPause: Pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(milliseconds, LONGEST_WAIT_MS))
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
