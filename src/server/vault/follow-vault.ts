// A vault that hears of what other gateways on the same database write into it.
import type { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import type { VaultKeeping } from '../../vault/vault.ts'

/** Every writing goes through the header. Gives how to stop. */
export async function followVault(
  vault: Pick<VaultKeeping, 'isSealed' | 'refresh'>,
  documents: WatchedDocuments,
): Promise<() => void> {
  return documents.follow('vault', () => {
    if (vault.isSealed) return
    // What is wrong with it is a state of the vault, which tells of it itself.
    vault.refresh().catch(() => undefined)
  })
}
