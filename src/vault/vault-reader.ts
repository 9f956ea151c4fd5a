// Reads headers and records strictly: an unknown word, a field too many or bytes of another length are refused.
import { GatewayError } from '../canonical/errors.ts'
import { compact } from '../canonical/compact.ts'
import { type Json, ObjectReader } from '../wire/json.ts'
import { CIPHER, NONCE_BYTES, type Sealed } from './cipher.ts'
import type { SignedHeader } from './header.ts'
import type { Generation } from './keyring.ts'
import { type PassphraseCost, assertCost } from './passphrase.ts'
import { vaultProblem } from './problem.ts'
import { STATES, type SecretRecord } from './record.ts'
import { ROOT_BYTES } from './root-key.ts'
import { type Slot, WRAPPING } from './slot.ts'
import { SLOT_TYPES } from './slot-type.ts'
import { FORMAT, MAGIC } from './vault-json.ts'
import { X25519_BYTES } from './x25519.ts'

const TAG_BYTES = 16
const MAC_BYTES = 32
const SALT_BYTES = 32
/** Each may cost as much as a passphrase. */
const MOST_SLOTS = 32

/** Throws `vault_corrupt`. */
export function readHeader(json: Json | undefined): SignedHeader {
  return strictly(() => {
    const reader = ObjectReader.of(json, 'vault')
    const magic = reader.string('magic')
    const format = reader.number('format')
    if (magic !== MAGIC || format !== FORMAT) throw unknown('format', `${magic} ${format}`)
    const slots = reader.items('slots')
    if (slots.length > MOST_SLOTS) throw new TypeError(`there are more than ${MOST_SLOTS} slots`)
    const header: SignedHeader = {
      vaultId: word(reader, 'vault_id', /^[0-9a-f]{32}$/),
      createdAt: reader.string('created_at'),
      epoch: whole(reader, 'epoch'),
      slots: slots.map(({ value, path }) => readSlot(ObjectReader.of(value, path))),
      keyring: readKeyring(reader),
      records: readDigests(reader.object('records')),
      mac: bytes(reader, 'header_mac', MAC_BYTES),
    }
    return nothingElse(reader, header)
  })
}

/** Throws `vault_corrupt`. */
export function readRecord(json: Json | undefined): SecretRecord {
  return strictly(() => {
    const reader = ObjectReader.of(json, 'record')
    oneOf(reader, 'alg', [CIPHER])
    const record: SecretRecord = {
      id: reader.string('record_id'),
      version: whole(reader, 'version'),
      kind: reader.string('kind'),
      state: oneOf(reader, 'state', STATES),
      providerType: reader.string('provider_type'),
      origin: reader.string('origin'),
      createdAt: reader.string('created_at'),
      hint: reader.string('hint'),
      fingerprint: reader.string('fingerprint'),
      generation: whole(reader, 'gen'),
      salt: bytes(reader, 'salt', SALT_BYTES),
      sealed: readSealed(reader),
      ...compact({
        changedAt: reader.optionalString('changed_at'),
        expiresAt: reader.optionalString('expires_at'),
      }),
    }
    return nothingElse(reader, record)
  })
}

function readSlot(reader: ObjectReader): Slot {
  oneOf(reader, 'wrap_alg', [WRAPPING])
  const type = oneOf(reader, 'type', SLOT_TYPES)
  const cost = readCost(reader)
  const proof = reader.optionalObject('proof')
  if ((cost !== undefined) !== (type === 'passphrase')) throw unknown('kdf', `of a ${type} slot`)
  if (proof === undefined && type !== 'age') throw new TypeError(`a ${type} slot has no proof`)
  const slot: Slot = {
    id: word(reader, 'id', /^[\w-]{1,64}$/),
    type,
    createdAt: reader.string('created_at'),
    salt: bytes(reader, 'salt', SALT_BYTES),
    publicKey: bytes(reader, 'public_key', X25519_BYTES),
    ephemeral: bytes(reader, 'ephemeral', X25519_BYTES),
    wrapped: {
      nonce: bytes(reader, 'nonce', NONCE_BYTES),
      ciphertext: bytes(reader, 'wrapped_root', ROOT_BYTES),
      tag: bytes(reader, 'tag', TAG_BYTES),
    },
    ...compact({
      label: reader.optionalString('label'),
      cost,
      proof:
        proof === undefined
          ? undefined
          : { generation: whole(proof, 'generation'), mac: bytes(proof, 'mac', MAC_BYTES) },
    }),
  }
  return nothingElse(reader, slot)
}

function readCost(reader: ObjectReader): PassphraseCost | undefined {
  if (reader.value('kdf') === null) return undefined
  const kdf = reader.object('kdf')
  oneOf(kdf, 'alg', ['argon2id'])
  const cost = {
    memoryKib: whole(kdf, 'memory_kib'),
    passes: whole(kdf, 'passes'),
    lanes: whole(kdf, 'lanes'),
  }
  assertCost(cost)
  return nothingElse(kdf, cost)
}

function readKeyring(reader: ObjectReader): readonly Generation[] {
  const items = reader.items('keyring')
  const read = items.map(({ value, path }) => readGeneration(ObjectReader.of(value, path)))
  const inOrder = read.every(({ generation }, at) => generation === (read[0]?.generation ?? 0) + at)
  const oneIsNewest = read.every(
    ({ sealed }, at) => (sealed === undefined) === (at === read.length - 1),
  )
  if (read.length === 0 || !inOrder || !oneIsNewest) throw new TypeError('the keyring has no order')
  return read
}

function readGeneration(reader: ObjectReader): Generation {
  const sealed = reader.optionalObject('sealed')
  oneOf(reader, 'state', [sealed === undefined ? 'active' : 'retired'])
  const succession = reader.has('succession') ? bytes(reader, 'succession', MAC_BYTES) : undefined
  const generation: Generation = {
    generation: whole(reader, 'generation'),
    createdAt: reader.string('created_at'),
    writes: whole(reader, 'writes'),
    ...compact({
      sealed: sealed === undefined ? undefined : nothingElse(sealed, readSealed(sealed)),
      succession,
    }),
  }
  return nothingElse(reader, generation)
}

function readDigests(reader: ObjectReader): Readonly<Record<string, string>> {
  const entries = Object.keys(reader.source).map((key) => [key, reader.string(key)] as const)
  return Object.fromEntries(entries)
}

function readSealed(reader: ObjectReader): Sealed {
  return {
    nonce: bytes(reader, 'nonce', NONCE_BYTES),
    ciphertext: bytes(reader, 'ct'),
    tag: bytes(reader, 'tag', TAG_BYTES),
  }
}

function bytes(reader: ObjectReader, key: string, length?: number): Buffer {
  const text = reader.string(key)
  const read = Buffer.from(text, 'base64')
  // Node reads base64 leniently; two texts for the same bytes are one too many.
  if (read.toString('base64') !== text || (length !== undefined && read.length !== length)) {
    throw new TypeError(`${reader.path(key)} holds other bytes than it must`)
  }
  return read
}

function whole(reader: ObjectReader, key: string): number {
  const value = reader.number(key)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new TypeError(`${reader.path(key)} must be a whole number`)
}

function word(reader: ObjectReader, key: string, pattern: RegExp): string {
  const value = reader.string(key)
  if (pattern.test(value)) return value
  throw new TypeError(`${reader.path(key)} has another form than it must`)
}

function oneOf<Known extends string>(
  reader: ObjectReader,
  key: string,
  known: readonly Known[],
): Known {
  const value = reader.string(key)
  const found = known.find((one) => one === value)
  if (found === undefined) throw unknown(reader.path(key), value)
  return found
}

/** Nothing stands there that was not read. */
function nothingElse<T>(reader: ObjectReader, value: T): T {
  const [extra] = Object.keys(reader.rest() ?? {})
  if (extra !== undefined) throw unknown('field', reader.path(extra))
  return value
}

function unknown(what: string, value: string): TypeError {
  return new TypeError(`unknown ${what} "${value.slice(0, 80)}"`)
}

function strictly<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw vaultProblem(
      'vault_corrupt',
      `The vault cannot be read: ${why}. Restore it: patchbay vault restore <file>.`,
      cause,
    )
  }
}
