// Clocks that run something later, so that tests can move them.

/** Runs something once after `ms`; what it gives back cancels that. */
export type Timer = (ms: number, run: () => void) => () => void

export const globalTimer: Timer = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
