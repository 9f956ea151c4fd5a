// How headers and records are written as JSON. Bytes are in base64.
import { compact } from '../canonical/compact.ts'
import type { JsonObject } from '../wire/json.ts'
import { CIPHER, type Sealed } from './cipher.ts'
import type { SignedHeader, VaultHeader } from './header.ts'
import type { Generation } from './keyring.ts'
import type { SecretRecord } from './record.ts'
import { type Slot, WRAPPING } from './slot.ts'

export const MAGIC = 'patchbay-vault'
export const FORMAT = 1

export function headerJson(header: VaultHeader): JsonObject {
  const { vaultId, createdAt, epoch, slots, keyring, records } = header
  const sorted = Object.entries(records).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return {
    magic: MAGIC,
    format: FORMAT,
    vault_id: vaultId,
    created_at: createdAt,
    epoch,
    slots: slots.map((slot) => slotJson(slot)),
    keyring: keyring.map((generation) => generationJson(generation)),
    records: Object.fromEntries(sorted),
  }
}

export function signedJson(header: SignedHeader): JsonObject {
  return { ...headerJson(header), header_mac: text(header.mac) }
}

function slotJson(slot: Slot): JsonObject {
  const { cost, proof, wrapped } = slot
  return compact({
    id: slot.id,
    type: slot.type,
    label: slot.label,
    created_at: slot.createdAt,
    kdf:
      cost === undefined
        ? null
        : {
            alg: 'argon2id',
            memory_kib: cost.memoryKib,
            passes: cost.passes,
            lanes: cost.lanes,
          },
    salt: text(slot.salt),
    public_key: text(slot.publicKey),
    wrap_alg: WRAPPING,
    ephemeral: text(slot.ephemeral),
    nonce: text(wrapped.nonce),
    wrapped_root: text(wrapped.ciphertext),
    tag: text(wrapped.tag),
    proof: proof === undefined ? undefined : { generation: proof.generation, mac: text(proof.mac) },
  })
}

function generationJson({
  generation,
  createdAt,
  writes,
  sealed,
  succession,
}: Generation): JsonObject {
  return compact({
    generation,
    created_at: createdAt,
    writes,
    state: sealed === undefined ? 'active' : 'retired',
    sealed: sealed === undefined ? undefined : sealedJson(sealed),
    succession: succession === undefined ? undefined : text(succession),
  })
}

export function recordJson(record: SecretRecord): JsonObject {
  return compact({
    record_id: record.id,
    version: record.version,
    kind: record.kind,
    state: record.state,
    provider_type: record.providerType,
    origin: record.origin,
    created_at: record.createdAt,
    changed_at: record.changedAt,
    expires_at: record.expiresAt,
    hint: record.hint,
    fingerprint: record.fingerprint,
    gen: record.generation,
    alg: CIPHER,
    salt: text(record.salt),
    ...sealedJson(record.sealed),
  })
}

function sealedJson({ nonce, ciphertext, tag }: Sealed): JsonObject {
  return { nonce: text(nonce), ct: text(ciphertext), tag: text(tag) }
}

function text(bytes: Buffer): string {
  return bytes.toString('base64')
}
