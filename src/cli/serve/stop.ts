// Stopping a server: the first signal lets calls under way end, the second ends them.
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

export function untilStopped(terminal: Terminal, gateway: Gateway): Stopping {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const stop = (): void => {
    if (stopping.signal.aborted) process.exit(EXIT.interrupted)
    stopping.abort()
    say(terminal, 'Stopping; calls under way may end. Once more stops at once.')
    gateway.close().then(resolve, reject)
  }
  for (const signal of SIGNALS) process.on(signal, stop)
  return { done, signal: stopping.signal }
}
