// Starts subjects before one upstream of their own.
import { join } from 'node:path'
import { startNode } from '../processes.ts'
import type { Subject, Upstream } from '../subject.ts'
import type { Running } from '../windows.ts'

export interface Lineup {
  readonly upstream: Upstream
  readonly running: readonly Running[]
  /** Why the others are not there. */
  readonly missing: readonly string[]
  /** Ends the gateways; the upstream stays for others. */
  readonly stopGateways: () => Promise<void>
  readonly stop: () => Promise<void>
}

export async function startAll(
  subjects: readonly Subject[],
  say: (line: string) => void,
): Promise<Lineup> {
  const upstream = await startNode('load', join(import.meta.dirname, '..', 'upstream.ts'))
  const at = { url: `http://127.0.0.1:${upstream.port}`, port: upstream.port }
  const running: Running[] = []
  const missing: string[] = []
  const stopGateways = async (): Promise<void> => {
    for (const { started } of running.splice(0)) await started.stop()
  }
  const stop = async (): Promise<void> => {
    await stopGateways()
    await upstream.stop()
  }
  try {
    for (const subject of subjects) {
      const why = await subject.missing()
      if (why === undefined) {
        say(`starting ${subject.name}`)
        running.push({ subject, started: await subject.start(at) })
      } else missing.push(`${subject.name}: ${why}`)
    }
  } catch (thrown) {
    await stop()
    throw thrown
  }
  return { upstream: at, running, missing, stopGateways, stop }
}
