// One stored secret: what may be known of it, and the sealed rest. A secret that is replaced keeps its name and gets another version.
import { createHash } from 'node:crypto'
import { measured } from './measured.ts'
import type { Sealed } from './cipher.ts'

/** Pending: not yet used. Active: the newest of these is used. Retired: kept until the overlap is over. */
export const STATES = ['pending', 'active', 'retired'] as const
export type SecretState = (typeof STATES)[number]

/** Whose secret it is; it opens for nobody else. */
export interface SecretBinding {
  readonly providerType: string
  /** Scheme, host and port, as `exactOrigin` gives them. */
  readonly origin: string
}

/** What may be known without the key. */
export interface SecretFacts extends SecretBinding {
  readonly id: string
  readonly version: number
  /** What sort of secret it is: `provider-key`. */
  readonly kind: string
  readonly state: SecretState
  /** All times are in ISO 8601. */
  readonly createdAt: string
  /** When the state was last changed. */
  readonly changedAt?: string
  readonly expiresAt?: string
  /** The beginning and the end, always 13 characters; a short secret shows nothing. */
  readonly hint: string
  /** The same for the same secret, within this vault and a generation of its keys. */
  readonly fingerprint: string
}

export interface SecretRecord extends SecretFacts {
  /** Of the root key. */
  readonly generation: number
  readonly salt: Buffer
  readonly sealed: Sealed
}

export function recordKey({ id, version }: Pick<SecretFacts, 'id' | 'version'>): string {
  return `${id}/${version}`
}

/** What the sealed part is bound to: of another row, another address or another version it does not open. */
export function boundTo(vaultId: string, record: Omit<SecretRecord, 'sealed'>): Buffer {
  return measured([
    'patchbay-vault',
    1,
    vaultId,
    record.id,
    record.kind,
    'secret',
    record.version,
    record.generation,
    record.providerType,
    record.origin,
    record.createdAt,
  ])
}

/** Changes with every bit of the record: the header, which nobody without the key can change, has it of all of them. */
export function digestOf(record: SecretRecord): string {
  const { salt, sealed } = record
  const words = [
    boundTo('', record),
    record.state,
    record.changedAt ?? '',
    record.expiresAt ?? '',
    record.hint,
    record.fingerprint,
    salt,
    sealed.nonce,
    sealed.ciphertext,
    sealed.tag,
  ]
  return createHash('sha256').update(measured(words)).digest('base64')
}
