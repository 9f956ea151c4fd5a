// Where the running Patchbay of a command is.
import { compact } from '../canonical/compact.ts'
import { loadConfig } from '../config/load.ts'
import { CommandFailure, EXIT } from './exit.ts'
import type { Terminal } from './terminal.ts'

export interface AddressOptions {
  readonly url?: string
  readonly config?: string
}

const LISTENING_EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]'])

/**
 * `--url`, else PATCHBAY_URL, else where the configuration says that Patchbay listens, for the admin where that has an address of
 * its own; without a slash at the end.
 */
export async function serverAddress(
  terminal: Terminal,
  options: AddressOptions,
  role: 'admin' | 'client',
): Promise<string> {
  const { env, cwd } = terminal
  const named = options.url ?? (env['PATCHBAY_URL'] || undefined)
  if (named !== undefined) return checked(named)
  const config = await loadConfig({ env, cwd, ...compact({ file: options.config }) })
  const { server, admin = server } = config
  const place = role === 'admin' ? admin : server
  const host = LISTENING_EVERYWHERE.has(place.host) ? '127.0.0.1' : place.host
  const scheme = server.tls === undefined ? 'http' : 'https'
  return `${scheme}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${place.port}`
}

function checked(text: string): string {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) {
    return text.replace(/\/+$/, '')
  }
  throw new CommandFailure('The URL of the server must start with http:// or https://.', {
    code: EXIT.usage,
    next: 'For example: --url http://127.0.0.1:8787',
  })
}
