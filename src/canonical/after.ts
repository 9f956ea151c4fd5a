// Running something later; injected, so that tests own the clock.

/** Calls it off. */
export interface CallOff {
  (): void
  /** Begins the wait anew, be it over, for less than another costs. Absent: the clock has no such way. */
  readonly anew?: () => void
}

/** Gives the way to call it off. */
export type After = (milliseconds: number, run: () => void) => CallOff

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
  const callOff = (): void => {
    clearTimeout(timer)
    clearImmediate(turn)
  }
  const anew = (): void => {
    clearImmediate(turn)
    timer.refresh()
  }
  return Object.assign(callOff, { anew })
}
