// The vault as the rest of Patchbay sees it: keeps secrets that open for one provider at one address, and gives keys for other purposes.
import type { KeyObject } from 'node:crypto'
import type { GivenKey } from './given-key.ts'
import type { SecretBinding, SecretFacts, SecretState } from './record.ts'
import type { PassphraseCost } from './passphrase.ts'
import type { Secret } from './secret.ts'
import type { SlotType } from './slot-type.ts'

/** Absent: none was made yet. Sealed: its key is not here. */
export type VaultState = 'absent' | 'sealed' | 'open'

export interface SlotView {
  readonly id: string
  readonly type: SlotType
  readonly label?: string
  readonly createdAt: string
}

export interface VaultStatus {
  readonly state: VaultState
  /** Where it is sealed: the code of why. */
  readonly reason?: string
  readonly vaultId?: string
  readonly epoch?: number
  /** Of the root key. */
  readonly generation?: number
  /** How many secrets were sealed under it, of those that may be. */
  readonly writes?: number
  readonly slots: readonly SlotView[]
  readonly records: number
  /** Keys of records that somebody else changed; they do not open. */
  readonly refused: readonly string[]
}

/** What `reveal` and the console see of a version of a secret. */
export type SecretView = SecretFacts & { readonly isRefused: boolean }

export interface NewSecret extends SecretBinding {
  readonly id: string
  /** Default `provider-key`. */
  readonly kind?: string
  readonly secret: Secret
  /** Default `active`: the newest active version is used from now on. */
  readonly state?: Exclude<SecretState, 'retired'>
  readonly expiresAt?: string
}

export interface Asking extends SecretBinding {
  /** Default: the newest active one. */
  readonly version?: number
}

export interface VersionOf {
  readonly id: string
  readonly version: number
}

/** Purposes with a key of their own. */
export type KeyLabel = 'virtual-key-pepper' | 'audit-chain' | 'content'

export interface VaultKey {
  /** To be stored with what was made with it: after a rotation, `key(label, generation)` still gives it. */
  readonly generation: number
  readonly secret: KeyObject
  /** When that generation began; in ISO 8601. */
  readonly createdAt: string
}

/**
 * Every method throws GatewayError: `vault_sealed` (503), `vault_absent`, `secret_unknown`, `secret_elsewhere` (another provider
 * or address), `secret_refused` (somebody changed the row).
 */
export interface Vault {
  /** Whether there is one whose key is not here. */
  readonly isSealed: boolean
  status(): VaultStatus
  /** Keeps it as the next version of that id. */
  put(secret: NewSecret): Promise<SecretView>
  /** At once, from memory: it may be called for every request, also while the vault's keys change. */
  reveal(id: string, asking: Asking): Secret
  /** All versions of all secrets, or of one: by id, then by version. */
  list(id?: string): readonly SecretView[]
  /** A pending one becomes active, an active one retired: it does not come back by itself. */
  setState(which: VersionOf, state: Exclude<SecretState, 'pending'>): Promise<SecretView>
  /** One version, or all. */
  remove(which: { readonly id: string; readonly version?: number }): Promise<void>
  /** Default: of the newest generation. */
  key(label: KeyLabel, generation?: number): VaultKey
  /** Hears when it opens, is locked, and when its secrets change; gives how to stop. */
  onChange(listener: () => void): () => void
}

export interface SlotRequest {
  readonly type: Exclude<SlotType, 'age'>
  readonly given: GivenKey
  readonly label?: string
  /** Of a passphrase. */
  readonly cost?: PassphraseCost
}

export interface UnlockOptions {
  /** Takes a state although it is older than one that was here before, or the file beside it does not fit. */
  readonly acceptRollback?: true
}

/** What its keeper may do besides: never over HTTP. */
export interface VaultKeeping extends Vault {
  create(slots: readonly SlotRequest[]): Promise<void>
  unlock(keys: readonly GivenKey[], options?: UnlockOptions): Promise<void>
  lock(): Promise<void>
  addSlot(slot: SlotRequest): Promise<SlotView>
  removeSlot(id: string): Promise<void>
  /** Another key for the slot; the root key stays. */
  replaceSlot(id: string, slot: SlotRequest): Promise<SlotView>
  /** Throws unless one of the keys opens a slot. */
  assertKey(keys: readonly GivenKey[]): Promise<void>
  /** A new root key for every slot, and every record sealed anew. Gives its generation. */
  rotateRoot(): Promise<number>
  /** Opens every record. Gives the keys of those that do not. */
  check(): Promise<readonly string[]>
  /** The whole vault as text, sealed: for its own slots, or for others alone. */
  backup(recipients?: BackupRecipients): Promise<string>
  /** Puts what a backup holds in the place of what is here. */
  restore(text: string, keys: readonly GivenKey[], options?: UnlockOptions): Promise<void>
  /** Reads what other processes wrote. */
  refresh(): Promise<void>
}

export interface BackupRecipients {
  readonly slots?: readonly SlotRequest[]
  /** Public keys of age recipients. */
  readonly ageKeys?: readonly Buffer[]
}
