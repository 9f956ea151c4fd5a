// The file of the database on a real disk that is full, or cannot be written.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { StoreFact } from '../../src/exchange/facts/store.ts'
import { Documents } from '../../src/store/documents/documents.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import type { Database } from '../../src/store/operation.ts'
import { failureOf } from '../context.ts'
import { smallDisk } from './small-disk.ts'

const MEGABYTE = 1024 * 1024
const { value: disk, reason } = await smallDisk(4 * MEGABYTE)
const folder = disk?.folder ?? ''
const open: Database[] = []

interface Opened {
  readonly database: Database
  readonly documents: Documents
  readonly facts: readonly StoreFact[]
}

async function opened(name: string): Promise<Opened> {
  const facts: StoreFact[] = []
  const database = await openDatabase({
    file: join(folder, name),
    durability: 'strict',
    now: () => 1,
    tell: (fact) => facts.push(fact),
  })
  open.push(database)
  return { database, documents: new Documents(database, () => 1), facts }
}

function isSound(name: string): boolean {
  const database = new DatabaseSync(join(folder, name))
  const [row] = database.prepare('PRAGMA integrity_check').all()
  database.close()
  return row?.['integrity_check'] === 'ok'
}

function large(id: number): { kind: string; id: string; body: { text: string } } {
  return { kind: 'key', id: String(id).padStart(4, '0'), body: { text: 'x'.repeat(100_000) } }
}

describe.skipIf(disk === undefined)(`a disk${reason === undefined ? '' : `: ${reason}`}`, () => {
  afterEach(async () => {
    await Promise.all(open.splice(0).map(async (database) => database.close()))
  })
  afterAll(() => disk?.close())

  it('that is full is said to be so, can be read on, and is written again once it has room', async () => {
    const filler = join(folder, 'filler')
    writeFileSync(filler, Buffer.alloc(2 * MEGABYTE))
    const { documents, facts } = await opened('full.db')
    const written: number[] = []
    let failure: unknown
    for (let id = 0; failure === undefined && id < 100; id += 1) {
      const outcome: unknown = await failureOf(documents.write([large(id)]))
      const isWritten = typeof outcome === 'object' && outcome !== null && 'resolved' in outcome
      if (isWritten) written.push(id)
      else failure = outcome
    }
    expect(failure).toMatchObject({
      kind: 'overloaded',
      code: 'store_full',
      message: expect.stringContaining('Free some space'),
    })
    expect(written.length).toBeGreaterThan(1)
    const found = await documents.all('key')
    expect(found.map(({ id }) => Number(id))).toEqual(written)
    expect(facts).toContainEqual({ type: 'store-state', state: 'down', failure: 'full' })

    rmSync(filler)
    expect(await documents.write([large(999)])).toEqual([1])
    expect(facts.at(-1)).toEqual({ type: 'store-state', state: 'up' })
    await open.pop()?.close()
    expect(isSound('full.db')).toBe(true)
    rmSync(join(folder, 'full.db'))
  })

  it('that is full at the first start leaves nothing that would be taken for a damaged file', async () => {
    const filler = join(folder, 'filler')
    for (let size = 4 * MEGABYTE; size >= 1; size /= 2) {
      await failureOf((async () => writeFileSync(filler, Buffer.alloc(size), { flag: 'a' }))())
    }
    expect(await failureOf(opened('first.db'))).toMatchObject({ code: 'store_full' })
    rmSync(filler)
    const { documents } = await opened('first.db')
    expect(await documents.write([{ kind: 'key', id: 'k', body: {} }])).toEqual([1])
    await open.pop()?.close()
    rmSync(join(folder, 'first.db'))
  })

  it('F119 that cannot be written is said to be so at the start, and nothing on it is changed', async () => {
    const { documents } = await opened('still.db')
    await documents.write([{ kind: 'key', id: 'k', body: {} }])
    await open.pop()?.close()
    const before = readFileSync(join(folder, 'still.db'))
    disk?.writable('no')
    for (const name of ['still.db', 'new.db']) {
      expect(await failureOf(opened(name))).toMatchObject({
        code: 'store_read_only',
        message: expect.stringContaining('Make it writable'),
      })
    }
    disk?.writable('yes')
    expect(readFileSync(join(folder, 'still.db'))).toEqual(before)
    const again = await opened('still.db')
    expect(await again.documents.find({ kind: 'key', id: 'k' })).toBeDefined()
  })
})
