// Credentials as facts: who is left alone, and who is back.

/** Why a credential is left alone. */
export type CredentialFault = 'auth' | 'billing' | 'permission' | 'quota'

export interface CredentialFact {
  readonly provider: string
  /** The credential's label. */
  readonly credential: string
  /** Which of its keys, counted from 1. */
  readonly generation: number
}

/** A provider said that the quota of a credential is used up: it is left alone for a while. */
interface CredentialExhausted extends CredentialFact {
  readonly type: 'credential-exhausted'
  readonly forMs: number
}

/** A provider refused a credential: it is not used until its key is changed, somebody lifts that, or a free check succeeds. */
interface CredentialQuarantined extends CredentialFact {
  readonly type: 'credential-quarantined'
  readonly reason: CredentialFault
  /** Only this model is closed to it. */
  readonly model?: string
  /** Absent: until something is done about it. */
  readonly forMs?: number
}

/** A credential has got another key, or its first one. */
interface CredentialReplaced extends CredentialFact {
  readonly type: 'credential-replaced'
}

/** A credential may be used again. */
interface CredentialRestored extends CredentialFact {
  readonly type: 'credential-restored'
  readonly by: 'operator' | 'probe'
}

/** What a provider says to its key is known, or is something else than before. */
export interface KeyChecked {
  readonly type: 'key-checked'
  readonly provider: string
  readonly standing: 'ok' | 'invalid' | 'unknown'
}

export type KeyFact =
  | CredentialExhausted
  | CredentialQuarantined
  | CredentialReplaced
  | CredentialRestored
  | KeyChecked
