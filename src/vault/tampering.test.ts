// Whoever can write the database or the file, but has no key: what they put there does not open, and is told of.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../wire/json.ts'
import {
  CANARY,
  KEY,
  WHERE,
  type BenchShelf,
  benchShelf,
  keyOf,
  newSecret,
  openBench,
  reopened,
} from './fixtures/bench.ts'
import { signed } from './header-mac.ts'
import { type RecordRoom, openRecord, sealRecord } from './record-cipher.ts'
import { rootKey } from './root-key.ts'
import { type Slot, rewrapped } from './slot.ts'
import { signedJson } from './vault-json.ts'
import { parseVault, printVault } from './vault-file.ts'

const ROOM: RecordRoom = { vaultId: 'ab'.repeat(16), root: rootKey(1, Buffer.alloc(32, 1)) }
const FACTS = {
  id: 'house',
  version: 1,
  kind: 'provider-key',
  state: 'active',
  ...WHERE,
  createdAt: '2026-11-28T00:00:00.000Z',
} as const

describe('V002 what is sealed for one row', () => {
  const record = sealRecord(ROOM, FACTS, { text: CANARY, random: randomBytes })

  it('opens there', () => {
    expect(openRecord(ROOM, record)).toBe(CANARY)
  })

  it.each([
    ['another name', { ...record, id: 'other' }],
    ['another version', { ...record, version: 2 }],
    ['another kind', { ...record, kind: 'webhook' }],
    ['another type of provider', { ...record, providerType: 'evil' }],
    ['another address', { ...record, origin: 'https://evil.example:443' }],
    ['another port', { ...record, origin: 'https://house.example:8443' }],
    ['another time', { ...record, createdAt: '2026-11-29T00:00:00.000Z' }],
    ['another generation', { ...record, generation: 2 }],
    ['another salt', { ...record, salt: Buffer.alloc(32) }],
    [
      'half a tag',
      { ...record, sealed: { ...record.sealed, tag: record.sealed.tag.subarray(0, 4) } },
    ],
  ])('does not open with %s', (_what, changed) => {
    expect(openRecord(ROOM, changed)).toBeUndefined()
  })

  it('does not open in another vault', () => {
    expect(openRecord({ ...ROOM, vaultId: 'cd'.repeat(16) }, record)).toBeUndefined()
  })

  it('does not open with any bit changed', () => {
    const { ciphertext } = record.sealed
    for (let bit = 0; bit < ciphertext.length * 8; bit += 1) {
      const changed = Buffer.from(ciphertext)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(
        openRecord(ROOM, { ...record, sealed: { ...record.sealed, ciphertext: changed } }),
      ).toBeUndefined()
    }
  })
})

const SHUT = /not what was stored|alone|no secret/

/** What a thief of the database has made of one row, out of two. */
type Theft = (own: JsonObject, other: JsonObject) => JsonObject

describe('V002 rows that were exchanged in the database', () => {
  const thefts: readonly (readonly [string, Theft])[] = [
    [
      'ciphertext, nonce and tag',
      (own, { ct, nonce, tag, salt }) => ({ ...own, ct, nonce, tag, salt }),
    ],
    ['the whole body', (_own, other) => other],
    ['the address', (own) => ({ ...own, origin: 'https://evil.example:443' })],
    ['the state', (own) => ({ ...own, state: 'retired' })],
    ['the end', (own) => ({ ...own, expires_at: '2099-01-01T00:00:00.000Z' })],
    ['bytes that are none', (own) => ({ ...own, ct: '!' })],
  ]

  it.each(thefts)('do not open: %s', async (_what, theft) => {
    const { vault, shelf } = await openBench()
    await vault.put(newSecret('one', 'the-secret-of-one'))
    await vault.put(newSecret('two', 'the-secret-of-two'))
    await vault.put(newSecret('three'))
    const rows = await shelf.records.rowsByKey()
    const bodies = { one: rows.get('one/1')?.body ?? {}, two: rows.get('two/1')?.body ?? {} }
    await shelf.records.tamper([
      { key: 'one/1', body: theft(bodies.one, bodies.two) },
      { key: 'two/1', body: theft(bodies.two, bodies.one) },
    ])
    const { vault: again, events } = await reopened(shelf)
    await again.unlock([KEY])
    for (const id of ['one', 'two']) {
      const evil = { ...WHERE, origin: 'https://evil.example:443' }
      expect(() => again.reveal(id, { ...WHERE, version: 1 })).toThrow(SHUT)
      expect(() => again.reveal(id, { ...evil, version: 1 })).toThrow(SHUT)
      expect(events).toContainEqual({ type: 'vault-secret-refused', key: `${id}/1` })
    }
    expect(again.reveal('three', WHERE).reveal()).toBe(CANARY)
    expect(await again.check()).toEqual(['one/1', 'two/1'])
  })

  it('do not open where an older row of the same name was put back', async () => {
    const { vault, shelf } = await openBench()
    await vault.put(newSecret('house', 'the-old-key'))
    const old = (await shelf.records.rowsByKey()).get('house/1')?.body ?? {}
    await vault.remove({ id: 'house' })
    await vault.put(newSecret('house', 'the-new-key'))
    await shelf.records.tamper([{ key: 'house/1', body: old }])
    const { vault: again } = await reopened(shelf)
    await again.unlock([KEY])
    expect(() => again.reveal('house', WHERE)).toThrow(/not what was stored/)
  })

  it('are not believed where they were added or removed', async () => {
    const { vault, shelf } = await openBench()
    await vault.put(newSecret('house'))
    const body = (await shelf.records.rowsByKey()).get('house/1')?.body ?? {}
    await shelf.records.tamper([
      { key: 'house/1' },
      { key: 'evil/1', body: { ...body, record_id: 'evil' } },
    ])
    const { vault: again } = await reopened(shelf)
    await again.unlock([KEY])
    expect(again.list()).toEqual([])
    expect(again.status().refused).toEqual(['house/1'])
    expect(() => again.reveal('evil', WHERE)).toThrow(/no secret/)
  })

  it('are seen in a running vault too', async () => {
    const { vault, shelf, events } = await openBench()
    await vault.put(newSecret('house'))
    const body = (await shelf.records.rowsByKey()).get('house/1')?.body ?? {}
    await shelf.records.tamper([
      { key: 'house/1', body: { ...body, ct: Buffer.alloc(64).toString('base64') } },
    ])
    await vault.refresh()
    expect(events.at(-1)).toEqual({ type: 'vault-secret-refused', key: 'house/1' })
    expect(() => vault.reveal('house', WHERE)).toThrow(/not what was stored/)
  })
})

it('a secret is given for its own provider and address alone', async () => {
  const { vault } = await openBench()
  await vault.put(newSecret('house'))
  for (const asking of [
    { ...WHERE, origin: 'https://evil.example:443' },
    { ...WHERE, origin: 'http://house.example:443' },
    { ...WHERE, providerType: 'evil' },
  ]) {
    expect(() => vault.reveal('house', asking)).toThrow(
      /is for house at https:\/\/house.example:443 alone/,
    )
  }
})

describe('a header that somebody has changed', () => {
  type Edit = (header: JsonObject) => JsonObject
  const edits: readonly (readonly [string, Edit])[] = [
    ['an epoch to come', (header) => ({ ...header, epoch: 1000 })],
    ['a slot less', (header) => ({ ...header, slots: list(header['slots']).slice(0, 1) })],
    ['a digest less', (header) => ({ ...header, records: {} })],
    ['another name', (header) => ({ ...header, created_at: '2020-01-01T00:00:00.000Z' })],
    [
      'writes forgotten',
      (header) => ({ ...header, keyring: [{ ...object(list(header['keyring'])[0]), writes: 0 }] }),
    ],
  ]

  it.each(edits)('does not open: %s', async (_what, edit) => {
    const { vault, shelf } = await openBench()
    await vault.addSlot({ type: 'recovery', given: keyOf(9) })
    await vault.put(newSecret('house'))
    const header = (await shelf.records.rowsByKey()).get('header')?.body ?? {}
    await shelf.records.tamper([{ key: 'header', body: edit(header) }])
    shelf.file.text = undefined
    const { vault: again } = await reopened(shelf)
    await expect(again.unlock([KEY])).rejects.toMatchObject({
      code: /vault_(?:tampered|key_refused)/,
    })
    expect(again.isSealed).toBe(true)
  })

  it('is found out too where only the file says something else', async () => {
    const { vault, shelf } = await openBench()
    await vault.put(newSecret('house'))
    const { header, records } = parseVault(shelf.file.text ?? '')
    shelf.file.text = printVault({ header: { ...header, createdAt: 'another time' }, records })
    const { vault: again } = await reopened(shelf)
    await expect(again.unlock([KEY])).rejects.toMatchObject({ code: 'vault_tampered' })
  })

  it('is not that of a vault that somebody made for our public keys', async () => {
    const { vault, shelf } = await openBench()
    const { mac: _, ...ours } = parseVault(await vault.backup()).header
    // A thief wraps a root key that they know for our slot, and signs everything with it.
    const root = rootKey(1, Buffer.alloc(32, 66))
    const making = { vaultId: ours.vaultId, root, random: randomBytes }
    const slots = ours.slots.map((slot) => rewrapped(slot, making))
    const forged = signed({ ...ours, slots }, root)
    await shelf.records.tamper([{ key: 'header', body: signedJson(forged) }])
    shelf.file.text = undefined
    const { vault: again } = await reopened(shelf)
    await expect(again.unlock([KEY])).rejects.toMatchObject({ code: 'vault_tampered' })
    const bare = slots.map((slot) => withoutProof(slot))
    await shelf.records.tamper([
      { key: 'header', body: signedJson(signed({ ...ours, slots: bare }, root)) },
    ])
    const { vault: last } = await reopened(shelf)
    await expect(last.unlock([KEY])).rejects.toMatchObject({ code: 'vault_corrupt' })
  })
})

function withoutProof(slot: Slot): Slot {
  const { proof: _, ...bare } = slot
  return bare
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function object(value: Json | undefined): object {
  return typeof value === 'object' && value !== null ? value : {}
}

async function twoStates(): Promise<{
  shelf: BenchShelf
  oldFile: string
  oldRecords: BenchShelf['records']
}> {
  const { vault, shelf } = await openBench()
  await vault.put(newSecret('house', 'a-key-that-was-stolen-since'))
  const [oldFile, oldRecords] = [shelf.file.text ?? '', await shelf.records.copy()]
  await vault.remove({ id: 'house' })
  await vault.put(newSecret('house', 'the-key-that-replaced-it'))
  return { shelf, oldFile, oldRecords }
}

describe('V003 an older state', () => {
  it('of the database is refused, until somebody says that it is meant', async () => {
    const { shelf, oldRecords } = await twoStates()
    const { vault } = await reopened({ ...shelf, records: oldRecords })
    expect(vault.status()).toMatchObject({ state: 'sealed', reason: 'vault_rollback' })
    await expect(vault.unlock([KEY])).rejects.toMatchObject({ code: 'vault_rollback' })
    await vault.unlock([KEY], { acceptRollback: true })
    expect(vault.reveal('house', WHERE).reveal()).toBe('a-key-that-was-stolen-since')
    const { vault: again } = await reopened({ ...shelf, records: oldRecords })
    await again.unlock([KEY])
  })

  it('of database and file together is refused by the witness elsewhere', async () => {
    const { shelf, oldRecords, oldFile } = await twoStates()
    shelf.file.text = oldFile
    const { vault } = await reopened({ ...shelf, records: oldRecords })
    await expect(vault.unlock([KEY])).rejects.toMatchObject({ code: 'vault_rollback' })
  })

  it('of the file alone gives way to the database, and is written anew', async () => {
    const { shelf, oldFile } = await twoStates()
    shelf.file.text = oldFile
    const { vault } = await reopened(shelf)
    await vault.unlock([KEY])
    expect(vault.reveal('house', WHERE).reveal()).toBe('the-key-that-replaced-it')
    expect(shelf.file.text).not.toBe(oldFile)
  })

  it('is refused where the database is gone, and comes back from the file if that is meant', async () => {
    const { shelf } = await twoStates()
    const empty = { ...shelf, records: benchShelf().records }
    const { vault } = await reopened(empty)
    await expect(vault.unlock([KEY])).rejects.toMatchObject({ code: 'vault_rollback' })
    await vault.unlock([KEY], { acceptRollback: true })
    expect(vault.reveal('house', WHERE).reveal()).toBe('the-key-that-replaced-it')
    expect((await empty.records.rowsByKey()).has('house/1')).toBe(true)
  })

  it('is refused by a running vault, which seals itself', async () => {
    const { vault, shelf } = await openBench()
    const before = await shelf.records.rowsByKey()
    await vault.put(newSecret('house'))
    shelf.file.text = undefined
    shelf.witness.epochs.clear()
    await shelf.records.tamper([{ key: 'header', body: before.get('header')?.body ?? {} }])
    await expect(vault.refresh()).rejects.toMatchObject({ code: 'vault_rollback' })
    expect(vault.isSealed).toBe(true)
  })
})
