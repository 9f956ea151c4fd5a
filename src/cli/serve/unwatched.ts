// What a running server keeps from whoever may send it a signal: a debugger, and its environment in reports.

/** Node opens a debugger at SIGUSR1, unless somebody listens to it. Returns how to stop. */
export function keepUnwatched(): () => void {
  process.report.excludeEnv = true
  process.on('SIGUSR1', ignore)
  return () => process.off('SIGUSR1', ignore)
}

function ignore(): void {}
