// Whether a gateway takes new calls, and what is then not as it should be.
import type { PatchbayConfig } from '../config/schema.ts'
import type { Shared } from '../store/shared.ts'
import type { Vault } from '../vault/vault.ts'

/** All of them; all, but something is lost; or none, and why. */
export interface Readiness {
  readonly status: 'ok' | 'draining' | 'limits_lost' | 'vault_sealed'
  readonly warnings?: readonly 'limits_counted_alone'[]
}

interface Parts {
  readonly closing: boolean
  readonly shared: Shared | undefined
  readonly vault: Pick<Vault, 'isSealed'>
}

/** Without Redis a gateway goes on, unless one of its limits says that nothing may then pass. */
export function readinessOf(
  { limits }: PatchbayConfig,
  { closing, shared, vault }: Parts,
): Readiness {
  if (closing) return { status: 'draining' }
  if (vault.isSealed) return { status: 'vault_sealed' }
  if (shared?.limits.isLost !== true) return { status: 'ok' }
  const isClosed = limits.rules?.some(({ onBackendLoss }) => onBackendLoss === 'closed') === true
  return isClosed ? { status: 'limits_lost' } : { status: 'ok', warnings: ['limits_counted_alone'] }
}
