// What is to be done only where something really waits: after this turn of the event loop, for all that have asked in it together.

const asked: (() => void)[] = []

export function afterTurn(run: () => void): void {
  if (asked.push(run) === 1) setImmediate(runAll)
}

function runAll(): void {
  for (const run of asked.splice(0)) run()
}
