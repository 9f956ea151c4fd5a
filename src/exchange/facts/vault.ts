// The vault as facts: whether it is open, and what in it is not as it should be.

/** It was opened, sealed, or found to be absent or sealed. */
interface VaultStateChanged {
  readonly type: 'vault-state'
  readonly state: 'absent' | 'sealed' | 'open'
  /** Where it is sealed: the code of why. */
  readonly reason?: string
}

/** A new root key is in force, and every secret is sealed under it. */
interface VaultRotated {
  readonly type: 'vault-rotated'
  readonly generation: number
}

/** A stored secret is not what was stored; it does not open. */
interface VaultSecretRefused {
  readonly type: 'vault-secret-refused'
  /** Its name and version. */
  readonly key: string
}

/** The file beside the database could not be written: it is behind until the next change. */
interface VaultFileBehind {
  readonly type: 'vault-file-behind'
  readonly reason: string
}

/** Its keeper has asked something of it, over the socket. */
export interface VaultKept {
  readonly type: 'vault-kept'
  readonly operation: string
  /** Of which secret or slot. */
  readonly subject?: string
  /** The code of why it was refused. */
  readonly refused?: string
}

export type VaultFact =
  | VaultStateChanged
  | VaultRotated
  | VaultSecretRefused
  | VaultFileBehind
  | VaultKept
