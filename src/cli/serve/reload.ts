// When a running server reads its configuration anew: at SIGHUP and, where that is wanted, when the file has changed.
import { statSync } from 'node:fs'
import { ConfigError } from '../../config/problem.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { Gateway } from '../../server/gateway.ts'
import { type Terminal, say } from '../terminal.ts'

export interface Watched {
  readonly file: string
  /** When it had been written that was read; in milliseconds since 1970. */
  readonly since: number
  readonly holds: 'configuration' | 'certificate'
}

export interface ReloadOptions {
  readonly gateway: Pick<Gateway, 'reload' | 'renew'>
  readonly watched: readonly Watched[]
  /** Milliseconds between two looks at the file. */
  readonly lookMs?: number
}

/** Looking works on every file system, and for editors that put another file in its place. */
const LOOK_MS = 1000

/** Returns how to stop. */
export function reloadWhenTold(terminal: Terminal, options: ReloadOptions): () => void {
  const { gateway, watched, lookMs = LOOK_MS } = options
  const reload = (): void => void reloaded(terminal, gateway)
  process.on('SIGHUP', reload)
  const renew = (): void => void renewed(terminal, gateway)
  const timers = watched.map((one) =>
    setInterval(looking(one, one.holds === 'certificate' ? renew : reload), lookMs),
  )
  for (const timer of timers) timer.unref()
  return () => {
    process.off('SIGHUP', reload)
    for (const timer of timers) clearInterval(timer)
  }
}

/** The file as it is now, to be watched from here on. */
function watchedFrom(file: string, holds: Watched['holds'] = 'configuration'): Watched {
  return { file, since: writtenAt(file) ?? 0, holds }
}

/** What may change while it runs: the file, where that is wanted, and the certificate. */
export function watchedOf({
  server,
  file,
}: Pick<PatchbayConfig, 'server' | 'file'>): readonly Watched[] {
  const configuration = server.watch === true && file !== undefined ? [watchedFrom(file)] : []
  const certificate = Object.values<string>({ ...server.tls }).map((path) =>
    watchedFrom(path, 'certificate'),
  )
  return [...configuration, ...certificate]
}

function looking(
  { file, since }: Pick<Watched, 'file' | 'since'>,
  changed: () => void,
): () => void {
  let known = since
  return () => {
    const now = writtenAt(file)
    // Gone for a moment, while another takes its place.
    if (now === undefined || now === known) return
    known = now
    changed()
  }
}

function writtenAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
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

/** Its key may be written a moment after it: what does not fit yet will at the next look. */
async function renewed(terminal: Terminal, gateway: Pick<Gateway, 'renew'>): Promise<void> {
  try {
    await gateway.renew()
    say(terminal, 'The certificate was read anew.')
  } catch (thrown) {
    const told = thrown instanceof Error ? thrown.message : String(thrown)
    say(terminal, `The certificate was not taken; the one before stays in force. ${told}`)
  }
}
