// The head of a vault: its slots, its generations of keys, and a digest of every record; nobody changes it without the key.
import type { Generation } from './keyring.ts'
import { type SecretRecord, digestOf, recordKey } from './record.ts'
import type { Slot } from './slot.ts'

export interface VaultHeader {
  readonly vaultId: string
  readonly createdAt: string
  /** Counts every change: an older state has a lower one. */
  readonly epoch: number
  readonly slots: readonly Slot[]
  /** The newest last. */
  readonly keyring: readonly Generation[]
  /** Record key -> digest. */
  readonly records: Readonly<Record<string, string>>
}

export interface SignedHeader extends VaultHeader {
  readonly mac: Buffer
}

export function newestGeneration({ keyring }: VaultHeader): number {
  return keyring.at(-1)?.generation ?? 0
}

/** Whether the record is the one that the header knows. */
export function isKnown({ records }: VaultHeader, record: SecretRecord): boolean {
  const key = recordKey(record)
  return Object.hasOwn(records, key) && records[key] === digestOf(record)
}
