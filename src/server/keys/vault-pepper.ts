// The pepper of the vault, for the digests of keys.
import type { Pepper } from '../../access/pepper.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Vault, VaultKey } from '../../vault/vault.ts'

const LABEL = 'virtual-key-pepper'

/** Undefined where there is no vault. Throws `vault_sealed` where its key is not here. */
export function vaultPepper(vault: Vault): Pepper | undefined {
  const newest = keyIn(vault)
  if (newest === undefined) return undefined
  const { generation, createdAt } = newest
  return {
    generation,
    since: Date.parse(createdAt),
    keyOf: (asked) => (asked === generation ? newest : earlier(vault, asked))?.secret,
  }
}

function keyIn(vault: Vault): VaultKey | undefined {
  try {
    return vault.key(LABEL)
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === 'vault_absent') return undefined
    throw thrown
  }
}

/** Undefined for a generation that is not there any more. */
function earlier(vault: Vault, generation: number): VaultKey | undefined {
  try {
    return vault.key(LABEL, generation)
  } catch {
    return undefined
  }
}
