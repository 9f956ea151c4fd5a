// The places that may have the key of this installation's vault, in the order in which they are asked.
import type { PatchbayConfig } from '../../config/schema.ts'
import { vaultPlaces } from '../../config/vault-places.ts'
import { environmentKey } from '../../vault/key-sources/environment-key.ts'
import { namedKeyFile, usualKeyFile } from '../../vault/key-sources/key-file.ts'
import type { KeySource } from '../../vault/key-sources/key-source.ts'
import { type LoadKeychain, keychain, systemKeychain } from '../../vault/key-sources/keychain.ts'
import { systemdCredential } from '../../vault/key-sources/systemd-credential.ts'

export interface KeyPlacesOptions {
  readonly config: Pick<PatchbayConfig, 'dataDir' | 'vault'>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Takes a variable out of the environment of this process. */
  readonly forget: (name: string) => void
  /** Default: the system's own. */
  readonly loadKeychain?: LoadKeychain
}

/** A file that is named is the only place: if it cannot be used, nobody looks elsewhere. */
export function keyPlaces(options: KeyPlacesOptions): readonly KeySource[] {
  const { config, env, forget, loadKeychain = systemKeychain } = options
  const { namedKey, usualKey } = vaultPlaces(config, env)
  const safe = { uid: process.geteuid?.(), outside: config.dataDir }
  if (namedKey !== undefined) return [namedKeyFile(namedKey, safe)]
  return [
    systemdCredential(env['CREDENTIALS_DIRECTORY']),
    ...(config.vault?.keychain === false ? [] : [keychain(loadKeychain)]),
    ...(usualKey === undefined ? [] : [usualKeyFile(usualKey, safe)]),
    environmentKey({ env, forget }),
  ]
}
