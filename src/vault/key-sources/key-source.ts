// A place that may have the key of the vault.
import type { GivenKey } from '../given-key.ts'
import type { SlotType } from '../slot-type.ts'

export interface FoundKey {
  readonly type: Exclude<SlotType, 'age'>
  readonly given: GivenKey
  /** For people: which file, which variable. */
  readonly where: string
  /** What its owner should hear. */
  readonly warning?: string
}

export interface KeySource {
  readonly name: string
  /**
   * Undefined where it has none. Throws `vault_key_unfit` where what it has may not be used as it is, `vault_key_unreachable`
   * where it does not answer.
   */
  read(): Promise<FoundKey | undefined>
}
