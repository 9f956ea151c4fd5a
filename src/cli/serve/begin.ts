// How `patchbay serve` begins: as one process, or as the primary of several, or as one of those.
import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { PatchbayConfig } from '../../config/schema.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type Terminal, say } from '../terminal.ts'
import { type ServeOptions, configReader } from './serve-options.ts'

export async function begin(terminal: Terminal, options: ServeOptions): Promise<void> {
  if (cluster.isWorker) {
    const { serveAsWorker } = await import('./worker.ts')
    return serveAsWorker(terminal, options)
  }
  const readConfig = configReader(terminal, options)
  const config = await readConfig()
  const count = workersFor(terminal, config)
  if (count > 1) {
    const { lead } = await import('./primary.ts')
    return lead(terminal, { options, config, count })
  }
  const { serve } = await import('./serve.ts')
  return serve(terminal, { options, config, readConfig })
}

/** Throws where several cannot do what one does. */
function workersFor(terminal: Terminal, { server, store }: PatchbayConfig): number {
  const { workers = 1 } = server
  const wanted = workers === 'auto' ? availableParallelism() : workers
  if (wanted === 1 || store?.url?.reveal() !== 'memory:') return wanted
  if (workers === 'auto') {
    say(
      terminal,
      'One process answers: a database in memory cannot be shared (store.url: memory:).',
    )
    return 1
  }
  throw new CommandFailure(
    `${workers} workers cannot share a database in memory: each would have keys, budgets and providers of its own.`,
    {
      code: EXIT.config,
      next: 'Leave store.url out, so that it is a file, or set server.workers: 1.',
    },
  )
}
