// Running something later; injected, so that tests own the clock.

/** Gives the way to call it off. */
export type After = (milliseconds: number, run: () => void) => () => void

/** A timer that is told to wait longer runs at once. */
export const LONGEST_WAIT_MS: number = 2 ** 31 - 1

/** A timer that comes due while the event loop stands still lets in first what has come meanwhile: that may call it off. */
export const realAfter: After = (milliseconds, run) => {
  let turn: NodeJS.Immediate | undefined
  const timer = setTimeout(
    () => {
      turn = setImmediate(run)
    },
    Math.min(milliseconds, LONGEST_WAIT_MS),
  )
  return () => {
    clearTimeout(timer)
    clearImmediate(turn)
  }
}
