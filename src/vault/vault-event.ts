// What a vault tells of itself: states, and what is not as it should be.
import type { VaultState } from './vault.ts'

export type VaultEvent =
  | {
      readonly type: 'vault-state'
      readonly state: VaultState
      /** Where it is sealed: the code of why. */
      readonly reason?: string
    }
  | { readonly type: 'vault-rotated'; readonly generation: number }
  /** A row is not what was stored; it does not open. */
  | { readonly type: 'vault-secret-refused'; readonly key: string }
  /** The file beside the rows could not be written; it is behind them until the next change. */
  | { readonly type: 'vault-file-behind'; readonly reason: string }

export type HearVault = (event: VaultEvent) => void
