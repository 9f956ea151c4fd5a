// What was measured, as a small table: the least, the middle and the most of each row.
import { availableParallelism, cpus, loadavg } from 'node:os'

export type Rows = Readonly<Record<string, readonly number[]>>

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}

export function table(title: string, rows: Rows): string {
  const lines = Object.entries(rows).map(([name, values]) =>
    [name, Math.min(...values), median(values), Math.max(...values), values.length]
      .map((cell, at) => (at === 0 ? String(cell).padEnd(44) : shown(cell).padStart(10)))
      .join(''),
  )
  const head = ['', 'min', 'median', 'max', 'of']
    .map((cell, at) => (at === 0 ? cell.padEnd(44) : cell.padStart(10)))
    .join('')
  return `\n${title}\n${conditions()}\n${head}\n${lines.join('\n')}\n`
}

/** Everything runs on the same cores: client, server and provider. */
function conditions(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const [load = 0] = loadavg()
  return `${availableParallelism()} cores (${model}), load ${load.toFixed(1)}, Node ${process.version}; client, server and provider share them`
}

function shown(cell: number | string): string {
  return typeof cell === 'string' ? cell : cell.toFixed(Number.isInteger(cell) ? 0 : 1)
}
