// The vault as facts: whether it is open, and what in it is not as it should be.

/** It was opened, sealed, or found to be absent or sealed. */
export interface VaultStateChanged {
  readonly type: 'vault-state'
  readonly state: 'absent' | 'sealed' | 'open'
  /** Where it is sealed: the code of why. */
  readonly reason?: string
}

/** A new root key is in force, and every secret is sealed under it. */
export interface VaultRotated {
  readonly type: 'vault-rotated'
  readonly generation: number
}

/** A stored secret is not what was stored; it does not open. */
export interface VaultSecretRefused {
  readonly type: 'vault-secret-refused'
  /** Its name and version. */
  readonly key: string
}

/** The file beside the database could not be written: it is behind until the next change. */
export interface VaultFileBehind {
  readonly type: 'vault-file-behind'
  readonly reason: string
}

export type VaultFact = VaultStateChanged | VaultRotated | VaultSecretRefused | VaultFileBehind
