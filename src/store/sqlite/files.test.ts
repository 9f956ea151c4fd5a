// Files that are opened, and those that are refused because there was more in them.
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { failureOf } from '../../../test/context.ts'
import { Documents } from '../documents/documents.ts'
import { OldSqlite, prepareFile } from './files.ts'
import { ThreadedSqlite } from './threaded-sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

function newPath(): string {
  return join(folder, `${(files += 1)}.db`)
}

async function opened(path: string): Promise<ThreadedSqlite> {
  return ThreadedSqlite.open({ path, durability: 'strict', now: 1 })
}

async function filled(path: string, documents: number): Promise<ThreadedSqlite> {
  const database = await opened(path)
  const all = new Documents(database, () => 1)
  for (let at = 0; at < documents; at += 1) {
    const id = String(at).padStart(4, '0')
    await all.write([{ kind: 'key', id, body: { text: 'x'.repeat(1000) } }])
  }
  return database
}

describe('the file of a database', () => {
  it('that others could read is closed to them', async () => {
    const path = newPath()
    await (await filled(path, 1)).close()
    chmodSync(path, 0o644)
    await (await opened(path)).close()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('that was cut to nothing is not taken for a new one', async () => {
    const path = newPath()
    await (await filled(path, 1)).close()
    truncateSync(path)
    expect(await failureOf(opened(path))).toMatchObject({ code: 'store_corrupt' })
    expect(statSync(path).size).toBe(0)
  })

  it('that is gone while its log is there is not made anew', async () => {
    const path = newPath()
    const database = await filled(path, 1)
    const log = readFileSync(`${path}-wal`)
    await database.close()
    rmSync(path)
    writeFileSync(`${path}-wal`, log)
    expect(await failureOf(opened(path))).toMatchObject({ code: 'store_corrupt' })
    expect(existsSync(path)).toBe(false)
  })

  it('that is no database is refused, and stays as it is', async () => {
    const path = newPath()
    const text = 'no database at all '.repeat(1000)
    writeFileSync(path, text)
    expect(await failureOf(opened(path))).toMatchObject({ code: 'store_corrupt' })
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('whose pages are damaged is refused', async () => {
    const path = newPath()
    await (await filled(path, 200)).close()
    const pages = statSync(path).size / 4096
    const file = openSync(path, 'r+')
    for (let page = 2; page < pages; page += 3) {
      writeSync(file, Buffer.alloc(64, 0x5a), 0, 64, page * 4096)
    }
    closeSync(file)
    expect(await failureOf(opened(path))).toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining('Restore a backup'),
    })
  })

  it.each([0.1, 0.37, 0.62, 0.98])(
    'whose log is torn at %d of it has what was written before, and nothing half',
    async (share) => {
      const path = newPath()
      const database = await filled(path, 60)
      // As a loss of power leaves them: the process had no time to end.
      const torn = newPath()
      for (const end of ['', '-wal']) copyFileSync(path + end, torn + end)
      await database.close()
      truncateSync(`${torn}-wal`, Math.floor(statSync(`${torn}-wal`).size * share))
      const after = await opened(torn)
      const documents = new Documents(after, () => 1)
      const found = await documents.all('key')
      expect(found.map(({ sequence }) => sequence)).toEqual(found.map((_, at) => at + 1))
      expect(found.length).toBeLessThan(60)
      expect(await documents.write([{ kind: 'key', id: 'new', body: {} }])).toEqual([1])
      await after.close()
    },
  )

  it.each(['3.51.2', '3.50.9', '2.99.99'])('is not opened by SQLite %s', (version) => {
    expect(() => prepareFile(newPath(), version)).toThrow(OldSqlite)
  })

  it.each(['3.51.3', '3.52.0', '4.0.0'])('is opened by SQLite %s', (version) => {
    const path = newPath()
    prepareFile(path, version)
    expect(existsSync(path)).toBe(true)
  })
})
