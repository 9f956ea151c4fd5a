// Seals and opens one secret: a key of its own for each writing, bound to the row it stands in.
import { type KeyObject, createHmac } from 'node:crypto'
import { NONCE_BYTES, seal, unseal } from './cipher.ts'
import { pad, unpad } from './padding.ts'
import { type SecretFacts, type SecretRecord, boundTo } from './record.ts'
import { type RootKey, derive } from './root-key.ts'

export type RandomBytes = (size: number) => Buffer

/** Makes that a key is never used for two writings, however many there are. */
const SALT_BYTES = 32
const FINGERPRINT_BYTES = 8

export interface RecordRoom {
  readonly vaultId: string
  readonly root: RootKey
}

export type Unsealed = Omit<SecretFacts, 'fingerprint' | 'hint'>

/** The text is copied and the copy overwritten. */
export function sealRecord(
  { vaultId, root }: RecordRoom,
  facts: Unsealed,
  { text, random }: { readonly text: string; readonly random: RandomBytes },
): SecretRecord {
  const bytes = Buffer.from(text, 'utf8')
  const padded = pad(bytes)
  const salt = random(SALT_BYTES)
  const row = {
    ...facts,
    hint: hintOf(text),
    fingerprint: fingerprint(root, bytes),
    generation: root.generation,
    salt,
  }
  const sealed = seal(recordKeyOf(root, row), {
    plaintext: padded,
    bound: boundTo(vaultId, row),
    nonce: random(NONCE_BYTES),
  })
  bytes.fill(0)
  padded.fill(0)
  return { ...row, sealed }
}

/** Undefined where it is not what was sealed for this row. */
export function openRecord(
  { vaultId, root }: RecordRoom,
  record: SecretRecord,
): string | undefined {
  const padded = unseal(recordKeyOf(root, record), record.sealed, boundTo(vaultId, record))
  if (padded === undefined) return undefined
  const text = unpad(padded)?.toString('utf8')
  padded.fill(0)
  return text
}

function recordKeyOf(
  { secret }: RootKey,
  { id, version, salt }: Pick<SecretRecord, 'id' | 'version' | 'salt'>,
): KeyObject {
  return derive(secret, { purpose: ['patchbay/v1/rec', id, version], salt })
}

function fingerprint({ secret }: RootKey, bytes: Buffer): string {
  const key = derive(secret, { purpose: ['patchbay/v1/fingerprint'] })
  return createHmac('sha256', key)
    .update(bytes)
    .digest()
    .subarray(0, FINGERPRINT_BYTES)
    .toString('hex')
}

const SHOWN_FIRST = 6
const SHOWN_LAST = 4
/** Of a shorter one, too much would be shown. */
const SHORTEST_SHOWN = 24

function hintOf(text: string): string {
  const hides = text.length < SHORTEST_SHOWN || !/^[\x21-\x7e]+$/.test(text)
  if (hides) return '.'.repeat(SHOWN_FIRST + 3 + SHOWN_LAST)
  return `${text.slice(0, SHOWN_FIRST)}...${text.slice(-SHOWN_LAST)}`
}
