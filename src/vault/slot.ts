// A slot: one way to open the vault. Its key opens the root key, which is wrapped for the slot's public key, so that
// a new root key can be wrapped for every slot while only one of their keys is here.
import { type KeyObject, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { NONCE_BYTES, type Sealed, seal, unseal } from './cipher.ts'
import { type GivenKey, fits } from './given-key.ts'
import { measured } from './measured.ts'
import { type PassphraseCost, fromPassphrase } from './passphrase.ts'
import type { RandomBytes } from './record-cipher.ts'
import { ROOT_BYTES, type RootKey, commitment, rootKey, secretKey } from './root-key.ts'
import type { SlotType } from './slot-type.ts'
import { type KeyPair, X25519_BYTES, agreed, keyPairOf } from './x25519.ts'

export const WRAPPING = 'x25519-hkdf-sha256-aes-256-gcm'

export interface SlotHead {
  readonly id: string
  readonly type: SlotType
  readonly label?: string
  readonly createdAt: string
}

/** What only somebody who had the slot's key can say: which root key was there then. */
export interface SlotProof {
  readonly generation: number
  readonly mac: Buffer
}

export interface Slot extends SlotHead {
  /** Of a passphrase. */
  readonly cost?: PassphraseCost
  readonly salt: Buffer
  readonly publicKey: Buffer
  readonly ephemeral: Buffer
  readonly wrapped: Sealed
  /** A backup for an age recipient has none: who makes it does not have the recipient's key. */
  readonly proof?: SlotProof
}

/** A slot's own keys, while they are here. */
export interface SlotKey {
  readonly slotId: string
  readonly pair: KeyPair
  readonly proofKey: KeyObject
}

const SALT_BYTES = 32

/** Undefined where the key is not that of the slot. */
export async function slotKeyOf(
  given: GivenKey,
  slot: Pick<Slot, 'id' | 'type' | 'cost' | 'salt'> & { readonly publicKey?: Buffer },
  vaultId: string,
): Promise<SlotKey | undefined> {
  if (!fits(slot.type, given)) return undefined
  const material = await materialOf(given, slot)
  const purposeOf = (what: string): Buffer => measured([what, vaultId, slot.id])
  const derived = (what: string): Buffer =>
    Buffer.from(hkdfSync('sha256', material, slot.salt, purposeOf(what), ROOT_BYTES))
  const seed = given.form === 'age' ? Buffer.from(material) : derived('patchbay/v1/slot')
  const pair = keyPairOf(seed)
  const proofKey = secretKey(derived('patchbay/v1/slot-proof'))
  material.fill(0)
  const { publicKey } = slot
  if (publicKey !== undefined && !timingSafeEqual(publicKey, pair.publicKey)) return undefined
  return { slotId: slot.id, pair, proofKey }
}

/** A copy, to be overwritten. */
async function materialOf(
  given: GivenKey,
  { cost, salt }: Pick<Slot, 'cost' | 'salt'>,
): Promise<Buffer> {
  switch (given.form) {
    case 'bytes':
      return Buffer.from(given.bytes)
    case 'age':
      return Buffer.from(given.identity)
    case 'passphrase':
      if (cost === undefined) throw new TypeError('a passphrase slot without its cost')
      return fromPassphrase(given.passphrase, { salt, cost })
  }
}

export interface SlotMaking {
  readonly vaultId: string
  readonly root: RootKey
  readonly random: RandomBytes
}

export interface NewSlot extends SlotHead {
  readonly given: GivenKey
  readonly cost?: PassphraseCost
}

/** A slot for a key that is here. */
export async function makeSlot({ given, ...head }: NewSlot, making: SlotMaking): Promise<Slot> {
  const { vaultId, root, random } = making
  const bare = { ...head, salt: random(SALT_BYTES) }
  const key = await slotKeyOf(given, bare, vaultId)
  if (key === undefined) throw new TypeError(`a ${head.type} slot with a key of another form`)
  const slot = { ...bare, publicKey: key.pair.publicKey }
  return { ...slot, ...wrap(slot, making), proof: proofOf(key, { vaultId, root }) }
}

/** A slot for somebody whose public key alone is known. */
export function slotFor(publicKey: Buffer, head: SlotHead, making: SlotMaking): Slot {
  const slot = { ...head, salt: making.random(SALT_BYTES), publicKey }
  return { ...slot, ...wrap(slot, making) }
}

/** The same slot with another root key in it. */
export function rewrapped(slot: Slot, making: SlotMaking): Slot {
  return { ...slot, ...wrap(slot, making) }
}

/** The same slot, proving the root key that is there now. */
export function proven(slot: Slot, key: SlotKey, room: Omit<SlotMaking, 'random'>): Slot {
  return { ...slot, proof: proofOf(key, room) }
}

type Wrapping = Pick<Slot, 'ephemeral' | 'wrapped'>

function wrap(
  slot: Pick<Slot, 'id' | 'type' | 'publicKey'>,
  { vaultId, root, random }: SlotMaking,
): Wrapping {
  const { privateKey, publicKey: ephemeral } = keyPairOf(random(X25519_BYTES))
  const key = wrappingKey(agreed(privateKey, slot.publicKey), [ephemeral, slot.publicKey])
  if (key === undefined) throw new TypeError(`slot ${slot.id} has no usable public key`)
  const plaintext = root.secret.export()
  const bound = boundTo(slot, { vaultId, generation: root.generation, ephemeral })
  const wrapped = seal(key, { plaintext, bound, nonce: random(NONCE_BYTES) })
  plaintext.fill(0)
  return { ephemeral, wrapped }
}

export interface Unwrapping {
  readonly vaultId: string
  readonly generation: number
}

/** The root key of that generation; undefined where it is not in there. */
export function unwrap(
  slot: Slot,
  { pair }: SlotKey,
  { vaultId, generation }: Unwrapping,
): RootKey | undefined {
  const { ephemeral } = slot
  const key = wrappingKey(agreed(pair.privateKey, ephemeral), [ephemeral, slot.publicKey])
  if (key === undefined) return undefined
  const bytes = unseal(key, slot.wrapped, boundTo(slot, { vaultId, generation, ephemeral }))
  return bytes === undefined ? undefined : rootKey(generation, bytes)
}

function wrappingKey(shared: Buffer | undefined, keys: readonly Buffer[]): KeyObject | undefined {
  if (shared === undefined) return undefined
  const info = measured(['patchbay/v1/wrap', WRAPPING])
  const key = Buffer.from(hkdfSync('sha256', shared, Buffer.concat(keys), info, ROOT_BYTES))
  shared.fill(0)
  return secretKey(key)
}

function boundTo(
  { id, type, publicKey }: Pick<Slot, 'id' | 'type' | 'publicKey'>,
  room: Unwrapping & { readonly ephemeral: Buffer },
): Buffer {
  const { vaultId, generation, ephemeral } = room
  return measured(['patchbay/v1/slot', vaultId, id, type, generation, publicKey, ephemeral])
}

function proofOf(key: SlotKey, { vaultId, root }: Omit<SlotMaking, 'random'>): SlotProof {
  const words = [vaultId, key.slotId, key.pair.publicKey, root.generation, commitment(root.secret)]
  const mac = createHmac('sha256', key.proofKey).update(measured(words)).digest()
  return { generation: root.generation, mac }
}

/** Whether the root key is the one that was there when the proof was made, by somebody who had the slot's key. */
export function isProven(
  key: SlotKey,
  proof: SlotProof,
  room: Omit<SlotMaking, 'random'>,
): boolean {
  const expected = proofOf(key, room)
  return expected.generation === proof.generation && timingSafeEqual(expected.mac, proof.mac)
}
