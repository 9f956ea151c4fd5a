// What it takes to be there: from the start of the process until it is ready, and what it holds then.
import { residentBytes } from './process-cost.ts'
import type { Subject, Upstream } from './subject.ts'

export interface StartUp {
  readonly subject: string
  /** Milliseconds, each run. */
  readonly readyMs: readonly number[]
  /** Bytes resident once it is ready and has been idle for a second. */
  readonly idleBytes: readonly number[]
}

export async function startUp(
  subject: Subject,
  upstream: Upstream,
  runs: number,
): Promise<StartUp> {
  const readyMs: number[] = []
  const idleBytes: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now()
    const { pids, stop } = await subject.start(upstream)
    readyMs.push(performance.now() - startedAt)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    idleBytes.push(residentBytes(pids()))
    await stop()
  }
  return { subject: subject.name, readyMs, idleBytes }
}
