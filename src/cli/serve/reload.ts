// When a running server reads its configuration anew: at SIGHUP and, where that is wanted, when the file has changed.
import { unwatchFile, watchFile } from 'node:fs'
import { ConfigError } from '../../config/problem.ts'
import type { Gateway } from '../../server/gateway.ts'
import { type Terminal, say } from '../terminal.ts'

export interface ReloadOptions {
  readonly gateway: Pick<Gateway, 'reload'>
  /** The file to watch; absent: none. */
  readonly file?: string
  /** Milliseconds between two looks at the file. */
  readonly lookMs?: number
}

/** Looking works on every file system, and for editors that put another file in its place. */
const LOOK_MS = 1000

/** Returns how to stop. */
export function reloadWhenTold(terminal: Terminal, options: ReloadOptions): () => void {
  const { gateway, file, lookMs = LOOK_MS } = options
  const reload = (): void => void reloaded(terminal, gateway)
  process.on('SIGHUP', reload)
  const look = (now: { mtimeMs: number }, before: { mtimeMs: number }): void => {
    if (now.mtimeMs !== before.mtimeMs) reload()
  }
  if (file !== undefined) watchFile(file, { interval: lookMs, persistent: false }, look)
  return () => {
    process.off('SIGHUP', reload)
    if (file !== undefined) unwatchFile(file, look)
  }
}

async function reloaded(terminal: Terminal, gateway: Pick<Gateway, 'reload'>): Promise<void> {
  try {
    const { generation, changed, restart } = await gateway.reload()
    const what = changed.length === 0 ? 'nothing has changed' : changed.join(', ')
    say(terminal, `The configuration was read anew (generation ${generation}): ${what}.`)
    if (restart.length > 0) say(terminal, `  After a restart only: ${restart.join(', ')}.`)
  } catch (thrown) {
    say(terminal, 'The configuration was not taken; the one before stays in force.')
    const told = thrown instanceof Error ? thrown.message : String(thrown)
    say(terminal, thrown instanceof ConfigError ? told : `  ${told}`)
  }
}
