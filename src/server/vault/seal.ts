// What clients are told while the vault is sealed: nothing of why.
import type { GatewayError } from '../../canonical/errors.ts'
import { vaultProblem } from '../../vault/problem.ts'
import type { Vault } from '../../vault/vault.ts'

/** Undefined where calls are taken. */
export function sealOf(vault: Pick<Vault, 'isSealed'>): GatewayError | undefined {
  if (!vault.isSealed) return undefined
  return vaultProblem(
    'vault_sealed',
    'This gateway is sealed: it takes no calls until its operator opens the vault with patchbay vault unlock.',
  )
}
