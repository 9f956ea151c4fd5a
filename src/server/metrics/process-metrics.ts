// The process itself as metrics: how late its event loop is, what it holds and uses.
import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { MeterMaker } from './meter-maker.ts'

const QUANTILES = [0.5, 0.9, 0.99, 1] as const
/** Milliseconds; also what an idle loop shows. */
const RESOLUTION = 10

/** Returns how to stop measuring. */
export function processMetrics(make: MeterMaker, startedAtMs: number): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  make.gauge('patchbay_event_loop_lag_seconds', {
    help: 'How late the event loop was since the last scrape, by quantile; 1 is the worst',
    labels: ['quantile'],
    collect: (gauge) => {
      for (const quantile of QUANTILES) {
        gauge.set({ quantile: String(quantile) }, lagOf(delay, quantile))
      }
      delay.reset()
    },
  })
  let seen = performance.eventLoopUtilization()
  make.gauge('patchbay_event_loop_utilization', {
    help: 'Share of the time since the last scrape in which the event loop worked, 0 to 1',
    collect: (gauge) => {
      const now = performance.eventLoopUtilization()
      gauge.set(performance.eventLoopUtilization(now, seen).utilization)
      seen = now
    },
  })
  let counted = 0
  make.counter('process_cpu_seconds_total', {
    help: 'CPU time used, in seconds',
    collect: (counter) => {
      const { user, system } = process.cpuUsage()
      const total = (user + system) / 1e6
      counter.inc(Math.max(0, total - counted))
      counted = total
    },
  })
  make.gauge('process_resident_memory_bytes', {
    help: 'Memory held, in bytes',
    collect: (gauge) => gauge.set(process.memoryUsage.rss()),
  })
  make.gauge('patchbay_heap_used_bytes', {
    help: 'JavaScript objects in memory, in bytes',
    collect: (gauge) => gauge.set(process.memoryUsage().heapUsed),
  })
  make.gauge('process_open_fds', {
    help: 'Open files and sockets; none where the system does not tell',
    collect: (gauge) => {
      const open = openFiles()
      if (open !== undefined) gauge.set(open)
    },
  })
  make
    .gauge('process_start_time_seconds', { help: 'When the server started, in seconds since 1970' })
    .set(startedAtMs / 1000)
  return () => delay.disable()
}

function lagOf(delay: ReturnType<typeof monitorEventLoopDelay>, quantile: number): number {
  const nanoseconds = quantile === 1 ? delay.max : delay.percentile(quantile * 100)
  const lag = nanoseconds / 1e9 - RESOLUTION / 1000
  return Number.isFinite(lag) ? Math.max(0, lag) : 0
}

function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}
