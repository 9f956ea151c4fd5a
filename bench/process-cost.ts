// What processes have cost so far, as the operating system counts it. Source: proc(5), Documentation/scheduler/sched-stats.rst.
import { readFileSync, readdirSync } from 'node:fs'

/** Nanoseconds on a processor, of all threads of the processes. */
export function cpuNanos(pids: readonly number[]): number {
  let sum = 0
  for (const pid of pids) {
    for (const task of foldersIn(`/proc/${pid}/task`)) {
      sum += Number(contentOf(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0] || 0)
    }
  }
  return sum
}

/** Bytes of memory that the processes have resident. */
export function residentBytes(pids: readonly number[]): number {
  let sum = 0
  for (const pid of pids) {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(contentOf(`/proc/${pid}/status`))?.[1] ?? '0'
    sum += Number(kilobytes) * 1024
  }
  return sum
}

/** The process and all that it started. */
export function familyOf(pid: number): readonly number[] {
  const children = foldersIn(`/proc/${pid}/task`).flatMap((task) =>
    contentOf(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap((child) => familyOf(child))]
}

/** Threads end while they are read. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
