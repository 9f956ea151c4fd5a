// What `patchbay serve` may be told, and how that and the rest become a configuration.
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { Terminal } from '../terminal.ts'
import type { LogFormat } from './log-line.ts'

export interface ServeOptions {
  readonly host?: string
  readonly port?: number
  readonly workers?: 'auto' | number
  readonly config?: string
  readonly open?: true
  readonly vaultKeyFile?: string
  readonly vaultStdin?: true
  readonly detect: boolean
  readonly fetch: boolean
  readonly quiet?: true
  readonly json?: true
  readonly log: LogFormat
}

/** Reads the configuration, now and whenever it is to be read anew. */
export function configReader(
  { env, cwd }: Pick<Terminal, 'env' | 'cwd'>,
  options: ServeOptions,
): () => Promise<PatchbayConfig> {
  const { host, port, workers, open, vaultKeyFile: keyFile } = options
  return async () =>
    loadConfig({
      env,
      cwd,
      flags: {
        server: compact({ host, port, workers, open }),
        ...(keyFile === undefined ? {} : { vault: { keyFile } }),
      },
      ...compact({ file: options.config }),
    })
}

export function logFormatOf({ quiet, log }: ServeOptions): LogFormat {
  return quiet === true ? 'off' : log
}
