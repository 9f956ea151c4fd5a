// Keys change while the vault is in use, and whenever it breaks off: what is there opens.
import { describe, expect, it } from 'vitest'
import {
  type BenchShelf,
  CANARY,
  KEY,
  MemoryFile,
  OpenRecords,
  WHERE,
  benchShelf,
  keyOf,
  newSecret,
  openBench,
  reopened,
} from './fixtures/bench.ts'
import type { FileVault } from './file-vault.ts'
import { recoveryCode } from './key-text.ts'
import { parseVault } from './vault-file.ts'
import type { Shelf } from './vault-shelf.ts'

/** Where the process dies: before a writing has an effect, or right after it. */
type Death = { readonly writing: number; readonly when: 'before' | 'after' }

/** A shelf that lets the process die at one of its writings; what is written stays. */
function mortal(shelf: BenchShelf, death: Death): { shelf: Shelf; writings: () => number } {
  let writings = 0
  const written = async <T>(write: () => Promise<T>): Promise<T> => {
    writings += 1
    const dies = writings >= death.writing
    if (dies && (death.when === 'before' || writings > death.writing)) throw new Error('killed')
    const result = await write()
    if (dies) throw new Error('killed')
    return result
  }
  return {
    writings: () => writings,
    shelf: {
      records: {
        lasts: true,
        list: () => shelf.records.list(),
        write: (writes, revision) => written(() => shelf.records.write(writes, revision)),
      },
      file: {
        read: () => shelf.file.read(),
        write: (text) => written(() => shelf.file.write(text)),
      },
      witness: {
        epochOf: (id) => shelf.witness.epochOf(id),
        saw: (id, epoch) => written(() => shelf.witness.saw(id, epoch)),
      },
    },
  }
}

const CHANGES: readonly (readonly [string, (vault: FileVault) => Promise<unknown>])[] = [
  ['a new root key', (vault) => vault.rotateRoot()],
  ['a slot more', (vault) => vault.addSlot({ type: 'recovery', given: keyOf(9) })],
  [
    'another key in a slot',
    (vault) =>
      vault.replaceSlot(vault.status().slots[1]?.id ?? '', { type: 'recovery', given: keyOf(9) }),
  ],
  ['a slot less', (vault) => vault.removeSlot(vault.status().slots[1]?.id ?? '')],
  ['a secret more', (vault) => vault.put(newSecret('new'))],
]
const WRITINGS = 3
const deaths: readonly Death[] = Array.from({ length: WRITINGS }, (_, at) => at + 1).flatMap(
  (writing) => [
    { writing, when: 'before' as const },
    { writing, when: 'after' as const },
  ],
)

describe.each(CHANGES)('V013 %s', (_what, change) => {
  it.each(deaths)('leaves a vault that opens, killed $when writing $writing', async (death) => {
    const bench = await openBench()
    await bench.vault.addSlot({ type: 'recovery', given: keyOf(8) })
    for (let at = 0; at < 20; at += 1) await bench.vault.put(newSecret(`s${at}`, `${CANARY}${at}`))
    const { shelf, writings } = mortal(bench.shelf, death)
    const { vault: dying } = await reopened(shelf)
    await dying.unlock([KEY])
    await change(dying).catch(() => undefined)
    expect(writings()).toBeGreaterThanOrEqual(Math.min(death.writing, WRITINGS))
    const { vault } = await reopened(bench.shelf)
    await vault.unlock([KEY])
    for (let at = 0; at < 20; at += 1) {
      expect(vault.reveal(`s${at}`, WHERE).reveal()).toBe(`${CANARY}${at}`)
    }
    expect(await vault.check()).toEqual([])
    // And it goes on from there.
    await vault.rotateRoot()
    await vault.put(newSecret('s0', 'later'))
    const { vault: last } = await reopened(bench.shelf)
    await last.unlock([KEY])
    expect(last.reveal('s0', WHERE).reveal()).toBe('later')
  })
})

describe('a new root key', () => {
  it('is in every slot, also in those whose key is not here', async () => {
    const { vault, shelf } = await openBench()
    await vault.addSlot({ type: 'recovery', given: keyOf(9) })
    await vault.put(newSecret('house'))
    expect(await vault.rotateRoot()).toBe(2)
    expect(await vault.rotateRoot()).toBe(3)
    const { records } = parseVault(shelf.file.text ?? '')
    expect(records.map(({ generation }) => generation)).toEqual([3])
    const { vault: again } = await reopened(shelf)
    await again.unlock([keyOf(9)])
    expect(again.reveal('house', WHERE).reveal()).toBe(CANARY)
    expect(again.status()).toMatchObject({ generation: 3 })
    await again.rotateRoot()
    const { vault: last } = await reopened(shelf)
    await last.unlock([KEY])
    expect(last.reveal('house', WHERE).reveal()).toBe(CANARY)
  })

  it('shuts out who had the key of a slot that is gone, and even the root key of then', async () => {
    const { vault, shelf } = await openBench()
    const { id } = await vault.addSlot({ type: 'recovery', given: keyOf(9) })
    const stolen = await vault.backup()
    await vault.removeSlot(id)
    await vault.rotateRoot()
    await vault.put(newSecret('house'))
    const now = parseVault(shelf.file.text ?? '')
    const { vault: thief } = await reopened(benchShelf())
    await thief.restore(stolen, [keyOf(9)])
    expect(thief.status().state).toBe('open')
    const { vault: hopeful } = await reopened(shelf)
    await expect(hopeful.unlock([keyOf(9)])).rejects.toMatchObject({ code: 'vault_key_refused' })
    expect(now.header.slots).toHaveLength(1)
  })

  it('changes under thousands of readers, and none of them fails', async () => {
    const { vault } = await openBench()
    const ids = Array.from({ length: 50 }, (_, at) => `s${at}`)
    for (const id of ids) await vault.put(newSecret(id, `${CANARY}-${id}`))
    const state = { isDone: false, reads: 0 }
    const failures: unknown[] = []
    const reading = async (from: number): Promise<void> => {
      for (let at = from; !state.isDone; at += 1) {
        const id = ids[at % ids.length] ?? ''
        try {
          expect(vault.reveal(id, WHERE).reveal()).toBe(`${CANARY}-${id}`)
          expect(vault.key('virtual-key-pepper', 1).generation).toBe(1)
        } catch (thrown) {
          failures.push(thrown)
        }
        state.reads += 1
        await Promise.resolve()
        if (at % 10 === 0) await new Promise(setImmediate)
      }
    }
    const readers = Array.from({ length: 20 }, (_, from) => reading(from))
    for (let turn = 0; turn < 10; turn += 1) {
      const { id } = await vault.addSlot({ type: 'recovery', given: keyOf(turn + 20) })
      await vault.rotateRoot()
      await vault.put(newSecret(`more${turn}`))
      await vault.removeSlot(id)
    }
    while (state.reads < 5000) await new Promise(setImmediate)
    state.isDone = true
    await Promise.all(readers)
    expect(failures).toEqual([])
    expect(vault.status().generation).toBe(11)
  })
})

describe('several processes at one database', () => {
  it('write one after another, and read what the others wrote', async () => {
    const records = new OpenRecords()
    const shelfOf = (): BenchShelf => ({ ...benchShelf(), records })
    const { vault: one } = await reopened(shelfOf())
    await one.create([{ type: 'key-file', given: KEY }])
    const { vault: two } = await reopened(shelfOf())
    await two.unlock([KEY])
    await Promise.all(
      Array.from({ length: 4 }, async (_, at) => {
        await one.put(newSecret(`one${at}`))
        await two.put(newSecret(`two${at}`))
        await (at % 2 === 0 ? one : two).rotateRoot()
      }),
    )
    await one.refresh()
    await two.refresh()
    expect(one.list().map(({ id }) => id)).toEqual(two.list().map(({ id }) => id))
    expect(one.list()).toHaveLength(8)
    expect(await one.check()).toEqual([])
    expect(two.status().generation).toBe(5)
    expect(two.reveal('one3', WHERE).reveal()).toBe(CANARY)
  })
})

describe('a file that cannot be written', () => {
  it('stops no change, is told of, and is caught up with at the next start', async () => {
    class FullDisk extends MemoryFile {
      isFull = false
      override async write(text: string): Promise<void> {
        if (this.isFull) throw new Error('ENOSPC')
        await super.write(text)
      }
    }
    const file = new FullDisk()
    const shelf = { ...benchShelf(), file }
    const { vault, events } = await reopened(shelf)
    await vault.create([{ type: 'key-file', given: KEY }])
    file.isFull = true
    await vault.put(newSecret('house'))
    expect(events.at(-1)).toEqual({ type: 'vault-file-behind', reason: 'ENOSPC' })
    expect(vault.reveal('house', WHERE).reveal()).toBe(CANARY)
    file.isFull = false
    const { vault: again } = await reopened(shelf)
    await again.unlock([KEY])
    expect(again.reveal('house', WHERE).reveal()).toBe(CANARY)
    expect(parseVault(file.text ?? '').records).toHaveLength(1)
  })
})

it('the key of the slot that is open can be replaced, and the vault stays open', async () => {
  const { vault, shelf } = await openBench()
  const [slot] = vault.status().slots
  await vault.put(newSecret('house'))
  await vault.replaceSlot(slot?.id ?? '', { type: 'key-file', given: keyOf(3) })
  await vault.rotateRoot()
  expect(vault.reveal('house', WHERE).reveal()).toBe(CANARY)
  const { vault: again } = await reopened(shelf)
  await expect(again.unlock([KEY])).rejects.toMatchObject({ code: 'vault_key_refused' })
  await again.unlock([keyOf(3)])
  await expect(again.removeSlot(again.status().slots[0]?.id ?? '')).rejects.toThrow(/only slot/)
  expect(recoveryCode(Buffer.alloc(32))).toMatch(/^PBR-/)
})
