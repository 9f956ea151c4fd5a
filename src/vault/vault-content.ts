// An open vault as one value, and the values that it may become: changes are made here, and written elsewhere.
import { compact } from '../canonical/compact.ts'
import { type SignedHeader, type VaultHeader, isKnown, newestGeneration } from './header.ts'
import { isSigned } from './header-mac.ts'
import {
  type Generation,
  MOST_WRITES,
  type Roots,
  openRoots,
  sealedUnder,
  successionMac,
} from './keyring.ts'
import { vaultProblem } from './problem.ts'
import { type SecretRecord, digestOf, recordKey } from './record.ts'
import { type RandomBytes, type Unsealed, openRecord, sealRecord } from './record-cipher.ts'
import { ROOT_BYTES, type RootKey, rootKey } from './root-key.ts'
import { type Slot, type SlotKey, isProven, proven, rewrapped, unwrap } from './slot.ts'

export interface OpenContent {
  readonly header: VaultHeader
  readonly roots: Roots
  readonly records: ReadonlyMap<string, SecretRecord>
  /** Absent where there is no slot: it is gone with the process. */
  readonly slotKey?: SlotKey
}

export interface Chance {
  readonly random: RandomBytes
  /** ISO 8601. */
  readonly at: string
}

export function newestRoot({ header, roots }: Pick<OpenContent, 'header' | 'roots'>): RootKey {
  const root = roots.get(newestGeneration(header))
  if (root === undefined) throw new TypeError('an open vault without its newest root key')
  return root
}

/** A vault without slots and records. */
export function emptyContent({ random, at }: Chance): OpenContent {
  const root = rootKey(1, random(ROOT_BYTES))
  const header: VaultHeader = {
    vaultId: random(16).toString('hex'),
    createdAt: at,
    epoch: 0,
    slots: [],
    keyring: [{ generation: 1, createdAt: at, writes: 0 }],
    records: {},
  }
  return { header, roots: new Map([[1, root]]), records: new Map() }
}

/** The root keys, where everything fits together; else undefined, and nothing of it may be believed. */
export function openHeader(header: SignedHeader, slotKey: SlotKey): Roots | undefined {
  const { vaultId, keyring } = header
  const slot = header.slots.find(({ id }) => id === slotKey.slotId)
  if (slot === undefined) return undefined
  const newest = unwrap(slot, slotKey, { vaultId, generation: newestGeneration(header) })
  if (newest === undefined || !isSigned(header, newest)) return undefined
  const roots = openRoots(newest, keyring, vaultId)
  return roots !== undefined && isOurs({ slot, slotKey, roots, vaultId }) ? roots : undefined
}

interface Claim {
  readonly slot: Slot
  readonly slotKey: SlotKey
  readonly roots: Roots
  readonly vaultId: string
}

/** Anybody can wrap a root key of their own for a public key; only who had the slot's key can have made its proof. */
function isOurs({ slot, slotKey, roots, vaultId }: Claim): boolean {
  if (slot.proof === undefined) return slot.type === 'age'
  const root = roots.get(slot.proof.generation)
  return root !== undefined && isProven(slotKey, slot.proof, { vaultId, root })
}

export function withRecord(
  content: OpenContent,
  facts: Unsealed,
  sealing: { readonly text: string; readonly random: RandomBytes },
): OpenContent {
  const root = newestRoot(content)
  const { vaultId } = content.header
  const record = sealRecord({ vaultId, root }, facts, sealing)
  return withRecords({ ...content, header: counted(content.header, 1) }, [record])
}

/** The same secret, with other facts that it is not bound to. */
export function withRecords(content: OpenContent, changed: readonly SecretRecord[]): OpenContent {
  const records = new Map(content.records)
  const digests = { ...content.header.records }
  for (const record of changed) {
    records.set(recordKey(record), record)
    digests[recordKey(record)] = digestOf(record)
  }
  return { ...content, records, header: { ...content.header, records: digests } }
}

export function withoutRecords(content: OpenContent, keys: readonly string[]): OpenContent {
  const gone = new Set(keys)
  const kept = Object.entries(content.header.records).filter(([key]) => !gone.has(key))
  return {
    ...content,
    records: new Map([...content.records].filter(([key]) => !gone.has(key))),
    header: { ...content.header, records: Object.fromEntries(kept) },
  }
}

export function withSlots(content: OpenContent, slots: readonly Slot[]): OpenContent {
  return { ...content, header: { ...content.header, slots } }
}

/** A new root key, in every slot; the older ones stay under it, and every record that opens is sealed anew. */
export function rotated(content: OpenContent, { random, at }: Chance): OpenContent {
  const { header, roots, slotKey } = content
  const { vaultId } = header
  const before = newestRoot(content)
  const root = rootKey(before.generation + 1, random(ROOT_BYTES))
  const sealed = sealedUnder(root, roots, { vaultId, random })
  const slots = header.slots.map((slot) => {
    const fresh = rewrapped(slot, { vaultId, root, random })
    return slotKey?.slotId === slot.id ? proven(fresh, slotKey, { vaultId, root }) : fresh
  })
  const keyring: readonly Generation[] = [
    ...header.keyring.map((one) => ({
      ...one,
      ...compact({ sealed: sealed.get(one.generation) }),
    })),
    {
      generation: root.generation,
      createdAt: at,
      writes: 0,
      succession: successionMac(before, root),
    },
  ]
  const next = { ...content, roots: new Map([...roots, [root.generation, root]]) }
  const anew = [...content.records.values()].flatMap((record) => {
    if (!isKnown(header, record)) return []
    const text = textOf(content, record)
    if (text === undefined) return []
    const {
      hint: _,
      fingerprint: __,
      sealed: ___,
      salt: ____,
      generation: _____,
      ...facts
    } = record
    return [sealRecord({ vaultId, root }, facts, { text, random })]
  })
  const turned = { ...next, header: { ...header, slots, keyring } }
  return withRecords({ ...turned, header: counted(turned.header, anew.length) }, anew)
}

export function textOf({ header, roots }: OpenContent, record: SecretRecord): string | undefined {
  const root = roots.get(record.generation)
  if (root === undefined) return undefined
  return openRecord({ vaultId: header.vaultId, root }, record)
}

function counted(header: VaultHeader, writes: number): VaultHeader {
  const newest = header.keyring.at(-1)
  if (newest === undefined || newest.writes + writes > MOST_WRITES) {
    throw vaultProblem(
      'vault_worn',
      'The root key of the vault has sealed as many secrets as it may. Make a new one: patchbay vault rotate-root.',
    )
  }
  const grown = { ...newest, writes: newest.writes + writes }
  return { ...header, keyring: [...header.keyring.slice(0, -1), grown] }
}
