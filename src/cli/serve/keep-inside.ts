// What others could make the server show of its memory: a report of Node's holds no environment, and no signal opens a debugger.

export function keepInside(): void {
  process.report.excludeEnv = true
  // Node starts its inspector at this signal unless somebody listens (nodejs.org/api/process.html, "Signal events").
  process.on('SIGUSR1', nothing)
}

function nothing(): void {}
