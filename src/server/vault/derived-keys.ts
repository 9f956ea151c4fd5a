// What others make with keys of the vault: digests of clients' keys, and the chain of the audit log.
import type { Pepper } from '../../access/pepper.ts'
import type { ChainKey, ChainKeys } from '../../store/audit/chain.ts'
import type { ContentKeyOf } from '../contents/content-cipher.ts'
import type { KeyLabel, Vault, VaultKey } from '../../vault/vault.ts'

/** Undefined where there is no vault. Throws `vault_sealed`. */
export function pepperOf(vault: Vault): Pepper | undefined {
  if (vault.state === 'absent') return undefined
  const { generation, createdAt } = vault.key('virtual-key-pepper')
  return {
    generation,
    since: Date.parse(createdAt),
    keyOf: (wanted) => found(vault, 'virtual-key-pepper', wanted)?.secret,
  }
}

/** While it is sealed entries are chained without a key. */
export function chainKeysOf(vault: Vault): ChainKeys {
  const of = (generation?: number): ChainKey | undefined => found(vault, 'audit-chain', generation)
  return { current: () => of(), of }
}

/** What the texts of calls are sealed with. Undefined where there is no vault; throws `vault_sealed`. */
export function contentKeyOf(vault: Vault): ContentKeyOf {
  return (generation) => (vault.state === 'absent' ? undefined : vault.key('content', generation))
}

/** Undefined where it is sealed, or the generation is gone. */
function found(vault: Vault, label: KeyLabel, generation?: number): VaultKey | undefined {
  if (vault.state !== 'open') return undefined
  try {
    return vault.key(label, generation)
  } catch {
    return undefined
  }
}
