// Measures this process: how late its event loop is, how busy, and how full its memory; once a second, and memory whenever it is asked.
import { constrainedMemory, memoryUsage } from 'node:process'
import { totalmem } from 'node:os'
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Tell } from '../exchange/happening.ts'
import type { Load } from '../resilience/load.ts'

const WINDOW_MS = 1000
/** So few samples that the 99th percentile of a second is its worst: one long stop counts. */
const RESOLUTION_MS = 20
/** The first seconds tell of the start and not of calls: modules are read and code is compiled. */
const WARM_UP_MS = 5000

/** Returns how to stop. */
export function gaugeLoad(load: Load, tell: Tell): () => void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  const startedAt = performance.now()
  let before: EventLoopUtilization = performance.eventLoopUtilization()
  const look = (): void => {
    const now = performance.eventLoopUtilization()
    const { utilization: utilisation } = performance.eventLoopUtilization(now, before)
    before = now
    const lagMs = Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION_MS)
    delays.reset()
    if (performance.now() - startedAt < WARM_UP_MS) return
    load.heard({ lagMs, utilisation })
    const memory = memoryShare()
    load.heardMemory(memory)
    tell({ type: 'load-sampled', lagMs, utilisation, memory, level: load.level })
  }
  const timer = setInterval(look, WINDOW_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    delays.disable()
  }
}

/** Of the heap or of the machine's memory, whichever is fuller. */
function memoryShare(): number {
  const heap = getHeapStatistics()
  return Math.max(heap.used_heap_size / heap.heap_size_limit, memoryUsage.rss() / machineBytes())
}

/** Bytes that bodies may still take before the heap is full to a share. */
export function heapRoom(share: number): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return share * limit - used
}

function machineBytes(): number {
  const allowed = constrainedMemory()
  const all = totalmem()
  return allowed > 0 && allowed < all ? allowed : all
}
