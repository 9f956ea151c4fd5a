// A connector that tells how long each connection took, and whether it came to be.
import type { buildConnector } from 'undici'

export interface OpenedConnection {
  readonly outcome: 'opened' | 'failed'
  readonly elapsedMs: number
}

/** The same connector where nobody listens. */
export function timedConnector(
  connector: buildConnector.connector,
  connected: ((connection: OpenedConnection) => void) | undefined,
  clock: () => number = () => performance.now(),
): buildConnector.connector {
  if (connected === undefined) return connector
  return (target, callback) => {
    const startedAt = clock()
    connector(target, (...result) => {
      const outcome = result[0] === null ? 'opened' : 'failed'
      connected({ outcome, elapsedMs: clock() - startedAt })
      callback(...result)
    })
  }
}
