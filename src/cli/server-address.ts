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

/** `--url`, else PATCHBAY_URL, else where the configuration says that Patchbay listens; without a slash at the end. */
export async function serverAddress(terminal: Terminal, options: AddressOptions): Promise<string> {
  const { env, cwd } = terminal
  const named = options.url ?? (env['PATCHBAY_URL'] || undefined)
  if (named !== undefined) return checked(named)
  const { server } = await loadConfig({ env, cwd, ...compact({ file: options.config }) })
  const host = LISTENING_EVERYWHERE.has(server.host) ? '127.0.0.1' : server.host
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${server.port}`
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
