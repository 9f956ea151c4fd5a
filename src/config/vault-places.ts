// Where the parts of a vault lie: its file in the data folder, its key and its witness in the folder of the user's configuration.
import { join, resolve } from 'node:path'
import { type Environment, setting } from '../providers/local/data-folder.ts'
import { configFolder } from './paths.ts'
import type { PatchbayConfig } from './schema.ts'

export interface VaultPlaces {
  readonly file: string
  readonly socket: string
  /** Named by a flag, a variable or the file: it must be there. */
  readonly namedKey?: string
  /** Where `patchbay init` puts a key, and where it is looked for; absent where the environment names no home. */
  readonly usualKey?: string
  /** Remembers how far the vault had come. */
  readonly witness?: string
}

export function vaultPlaces(
  { dataDir, vault = {} }: Pick<PatchbayConfig, 'dataDir' | 'vault'>,
  env: Environment,
): VaultPlaces {
  const home = setting(env, 'HOME')
  const isKnown =
    home !== undefined || ['XDG_CONFIG_HOME', 'APPDATA'].some((name) => setting(env, name))
  const folder = isKnown ? configFolder(env, home === undefined ? {} : { home }) : undefined
  return {
    file: join(dataDir, 'vault.pbv'),
    socket: join(dataDir, 'vault.sock'),
    ...(vault.keyFile === undefined ? {} : { namedKey: resolve(vault.keyFile) }),
    ...(folder === undefined
      ? {}
      : { usualKey: join(folder, 'vault.key'), witness: join(folder, 'vault-epochs.json') }),
  }
}
