// The keys of the first start: made once, shown once, kept as digests; and those of an older installation's file.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../access/digest.ts'
import { claimedKey } from '../../access/key-format.ts'
import { Documents } from '../../store/documents/documents.ts'
import { openDatabase } from '../../store/open-database.ts'
import type { Database } from '../../store/operation.ts'
import { type FirstKeys, firstKeys } from './first-keys.ts'

let folder = ''
let databases: Database[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-first-'))
})
afterEach(async () => {
  await Promise.all(databases.map((one) => one.close()))
  databases = []
  rmSync(folder, { recursive: true, force: true })
})

function counting(start: number): (size: number) => Uint8Array {
  let next = start
  return (size) => Uint8Array.from({ length: size }, () => (next = (next * 31 + 7) % 256))
}

async function emptyStore(): Promise<Documents> {
  const options = { url: 'memory:', file: '', durability: 'fast', now: () => 1 } as const
  const database = await openDatabase(options)
  databases.push(database)
  return new Documents(database, () => 1)
}

interface Given {
  readonly documents: Documents
  readonly isLasting: boolean
  readonly start?: number
  readonly dataDir?: string
}

async function open({ start = 1, ...given }: Given): Promise<FirstKeys> {
  const random = counting(start)
  const dataDir = join(folder, 'data')
  return firstKeys({ dataDir, pepper: undefined, random, now: () => 0, ...given })
}

const path = (): string => join(folder, 'data', 'tokens.json')

/** What is stored of a key, if it is the one that was presented. */
async function storedOf(documents: Documents, key: string): Promise<string | undefined> {
  const id = claimedKey(key)?.id ?? ''
  const found = await documents.find({ kind: 'key', id })
  const text = JSON.stringify(found?.body ?? {})
  return text.includes(digestOf(key, undefined).digest) ? text : undefined
}

describe('at the first start with a database that lasts', () => {
  it('an owner and a client are made, shown, and kept as digests alone', async () => {
    const documents = await emptyStore()
    const made = await open({ documents, isLasting: true })
    expect(made.admin).toMatch(/^pba_/)
    expect(made.client).toMatch(/^pb_live_/)
    for (const key of [made.admin ?? '', made.client ?? '']) {
      const text = await storedOf(documents, key)
      expect(text).toBeDefined()
      expect(text).not.toContain(key.split('_').at(-2))
    }
    expect(existsSync(path())).toBe(false)
    expect(await open({ documents, isLasting: true, start: 50 })).toEqual({})
  })

  it('of two gateways that start at once, one makes them and shows them', async () => {
    const documents = await emptyStore()
    const both = await Promise.all(
      [3, 4].map(async (start) => open({ documents, isLasting: true, start })),
    )
    const shown = both.filter((made) => made.admin !== undefined)
    expect(shown).toHaveLength(1)
    expect(await documents.all('key')).toHaveLength(2)
    expect(await storedOf(documents, shown[0]?.admin ?? '')).toBeDefined()
  })
})

describe('the file of an older installation', () => {
  it('goes into the database, and away', async () => {
    const made = await open({ documents: await emptyStore(), isLasting: false })
    expect(existsSync(path())).toBe(true)
    const documents = await emptyStore()
    expect(await open({ documents, isLasting: true, start: 9 })).toEqual({})
    expect(await storedOf(documents, made.admin ?? '')).toContain('"role":"owner"')
    expect(await storedOf(documents, made.client ?? '')).toContain('"kind":"client"')
    expect(existsSync(path())).toBe(false)
  })

  it('is left where the database has other keys: nobody becomes an owner by a file', async () => {
    await open({ documents: await emptyStore(), isLasting: false })
    const text = readFileSync(path(), 'utf8')
    const documents = await emptyStore()
    rmSync(path())
    await open({ documents, isLasting: true, start: 77 })
    writeFileSync(path(), text)
    await open({ documents, isLasting: true, start: 99 })
    expect(await documents.all('key')).toHaveLength(2)
    expect(existsSync(path())).toBe(true)
  })
})

describe('where the database forgets', () => {
  it('the file keeps the keys, which only the first start shows', async () => {
    const first = await open({ documents: await emptyStore(), isLasting: false })
    const documents = await emptyStore()
    expect(await open({ documents, isLasting: false, start: 99 })).toEqual({})
    expect(await storedOf(documents, first.admin ?? '')).toBeDefined()
    expect(await storedOf(documents, first.client ?? '')).toBeDefined()
  })

  it('the file is for its owner alone, and its folder too', async () => {
    await open({ documents: await emptyStore(), isLasting: false })
    expect(statSync(path()).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
    chmodSync(path(), 0o644)
    await open({ documents: await emptyStore(), isLasting: false })
    expect(statSync(path()).mode & 0o777).toBe(0o600)
  })

  it('the file holds no key in clear', async () => {
    const made = await open({ documents: await emptyStore(), isLasting: false })
    const text = readFileSync(path(), 'utf8')
    for (const key of Object.values(made)) expect(text).not.toContain(key.split('_').at(-2))
  })

  it('the key that is missing is made', async () => {
    const made = await open({ documents: await emptyStore(), isLasting: false })
    const { id } = claimedKey(made.admin ?? '') ?? {}
    const { digest: sha256 } = digestOf(made.admin ?? '', undefined)
    const kept = { kind: 'admin', id, sha256, created_at: 'x' }
    writeFileSync(path(), JSON.stringify({ version: 1, tokens: [kept] }))
    const documents = await emptyStore()
    const again = await open({ documents, isLasting: false, start: 50 })
    expect(Object.keys(again)).toEqual(['client'])
    expect(await storedOf(documents, made.admin ?? '')).toBeDefined()
  })

  it.each([
    'not json',
    '{}',
    '{"tokens":[1]}',
    '{"tokens":[{"kind":"root","id":"a","sha256":"b","created_at":"c"}]}',
    '{"tokens":[{"kind":"admin","id":"a","sha256":"short","created_at":"c"}]}',
  ])('a file that cannot be read is never replaced: %s', async (text) => {
    await open({ documents: await emptyStore(), isLasting: false })
    writeFileSync(path(), text)
    const documents = await emptyStore()
    await expect(open({ documents, isLasting: false })).rejects.toMatchObject({
      code: 'token_file_unreadable',
    })
    expect(readFileSync(path(), 'utf8')).toBe(text)
  })

  it('says what to do where the file cannot be written', async () => {
    const dataDir = join(folder, 'file')
    writeFileSync(dataDir, '')
    const documents = await emptyStore()
    await expect(open({ documents, isLasting: false, dataDir })).rejects.toMatchObject({
      name: 'GatewayError',
    })
  })
})
