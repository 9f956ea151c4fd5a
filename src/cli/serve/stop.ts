// Stopping a server: the first signal lets calls under way end, the second cuts them, the third ends the process.
import type { Gateway } from '../../server/gateway.ts'
import { EXIT } from '../exit.ts'
import { type Terminal, say } from '../terminal.ts'

export interface Stopping {
  /** Resolves once everything is closed. */
  readonly done: Promise<void>
  /** Aborts at the first signal. */
  readonly signal: AbortSignal
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export function untilStopped(
  terminal: Terminal,
  gateway: Pick<Gateway, 'close' | 'hurry'>,
): Stopping {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const stopping = new AbortController()
  let signals = 0
  const stop = (): void => {
    signals += 1
    switch (signals) {
      case 1:
        stopping.abort()
        say(terminal, 'Stopping; calls under way may end. Once more cuts them.')
        gateway.close().then(resolve, reject)
        return
      case 2:
        say(terminal, 'Calls under way are cut.')
        gateway.hurry()
        return
      default:
        process.exit(EXIT.interrupted)
    }
  }
  for (const signal of SIGNALS) process.on(signal, stop)
  return { done, signal: stopping.signal }
}
