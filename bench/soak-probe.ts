// Loaded into the gateway by the soak (`--import`, with --expose-gc): at SIGUSR2 it collects all garbage and writes down what is left.
import { appendFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const file = process.env['BENCH_PROBE']

function probe(path: string): void {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const handles = process.getActiveResourcesInfo().length
  appendFileSync(path, `${JSON.stringify({ heapUsed, external, handles })}\n`)
}

// A thread hears no signals.
if (isMainThread && file !== undefined) process.on('SIGUSR2', () => probe(file))
