// One of several processes that answer: it joins the others through its primary, and ends when that says so, or is gone.
import { joinPeers } from '../../server/workers/join.ts'
import type { Word } from '../../server/workers/line.ts'
import type { Terminal } from '../terminal.ts'
import { serveAmong } from './serve.ts'
import { type ServeOptions, configReader } from './serve-options.ts'

export async function serveAsWorker(terminal: Terminal, options: ServeOptions): Promise<void> {
  // Those of a terminal reach every process at once; what they mean is for the primary to say.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, nothing)
  try {
    const peers = await joinPeers({
      // Without a primary it ends in a moment.
      send: (words) => {
        if (process.connected) process.send?.(words)
      },
      onWords: (hear) => process.on('message', (words: readonly Word[]) => hear(words)),
    })
    const own = { ...terminal, env: { ...terminal.env, ...peers.env } }
    const { port } = peers
    const readConfig = configReader(own, port === undefined ? options : { ...options, port })
    await serveAmong(own, { options, config: await readConfig(), readConfig, peers })
  } finally {
    // The channel alone keeps no process that has done its work.
    process.channel?.unref()
  }
}

function nothing(): void {}
