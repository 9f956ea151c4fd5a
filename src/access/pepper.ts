// What the digests of keys are made with besides the keys: a secret of the vault, so that who reads or writes the database alone can make none.
import type { KeyObject } from 'node:crypto'

export interface Pepper {
  /** New digests are made with this one. */
  readonly generation: number
  /** When it became that one, in milliseconds since 1970: older digests are renewed from then on. */
  readonly since: number
  /** Undefined for a generation that is gone. */
  keyOf(generation: number): KeyObject | undefined
}

/** The generation of digests that were made before there was a vault: SHA-256 alone. */
export const NO_PEPPER = 0
