// patchbay store: what it says of a database, also beside a Patchbay that has it open, and of one that is damaged.
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'
import { Documents } from '../../store/documents/documents.ts'
import { openDatabase } from '../../store/open-database.ts'
import type { Database } from '../../store/operation.ts'

let cwd: string
let file: string
let database: Database | undefined

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'patchbay-store-'))
  file = join(cwd, 'data', 'patchbay.db')
})
afterEach(async () => {
  await database?.close()
  database = undefined
  rmSync(cwd, { recursive: true })
})

async function store(...argv: readonly string[]): Promise<Outcome> {
  return run(['store', ...argv], { cwd, env: { PATCHBAY_HOME: join(cwd, 'data') } })
}

async function filled(path: string, documents: number): Promise<Documents> {
  database = await openDatabase({ file: path, durability: 'fast', now: () => 1 })
  const all = new Documents(database, () => 1)
  for (let at = 0; at < documents; at += 1) {
    await all.write([{ kind: 'key', id: String(at), body: { text: 'x'.repeat(500) } }])
  }
  return all
}

it('says where the database is and what is in it, while Patchbay has it open', async () => {
  await filled(file, 3)
  const text = await store('status')
  expect(text).toMatchObject({ code: 0, stderr: '' })
  expect(text.stdout).toContain(file)
  expect(text.stdout).toMatch(/documents {2}key 3\n/)
  const json = await store('status', '--json')
  expect(jsonOf(json)).toMatchObject({ documents: { key: 3 } })
})

it('finds a sound file sound', async () => {
  await filled(file, 3)
  expect(await store('check')).toMatchObject({ code: 0, stdout: `${file} is sound.\n` })
})

it('F118 tells what is damaged, with an exit code of its own, and how to go on', async () => {
  await filled(file, 200)
  await database?.close()
  database = undefined
  const pages = openSync(file, 'r+')
  for (let page = 3; page < statSync(file).size / 4096; page += 4) {
    writeSync(pages, Buffer.alloc(64, 0x5a), 0, 64, page * 4096)
  }
  closeSync(pages)
  const outcome = await store('check')
  expect(outcome.code).toBe(65)
  expect(outcome.stdout).not.toBe('')
  expect(outcome.stderr).toContain('Put a backup in its place')
  expect(jsonOf(await store('check', '--json'))).toMatchObject({ sound: false })
  const started = await run(['serve', '--port', '0', '--no-detect', '--no-fetch'], {
    cwd,
    env: { PATCHBAY_HOME: join(cwd, 'data') },
  })
  expect(started.code).toBe(65)
  expect(started.stderr).toContain('patchbay store check')
})

it('copies the file while it is written, and a start from the copy has all that was there', async () => {
  const documents = await filled(file, 50)
  const writing = Array.from({ length: 50 }, async (_, at) =>
    documents.write([{ kind: 'later', id: String(at), body: {} }]),
  )
  const outcome = await store('backup', '--to', 'copy.db')
  await Promise.all(writing)
  expect(outcome).toMatchObject({ code: 0 })
  const copy = join(cwd, 'copy.db')
  expect(outcome.stdout).toContain(copy)
  expect(statSync(copy).mode & 0o777).toBe(0o600)
  await database?.close()
  const restored = await openDatabase({ file: copy, durability: 'fast', now: () => 1 })
  database = restored
  expect(await new Documents(restored, () => 1).all('key')).toHaveLength(50)
})

it('writes no backup over what is there', async () => {
  await filled(file, 1)
  writeFileSync(join(cwd, 'copy.db'), 'something else')
  expect(await store('backup', '--to', 'copy.db')).toMatchObject({ code: 1 })
})

it('says that there is none yet', async () => {
  for (const argv of [['status'], ['check'], ['backup', '--to', 'copy.db']]) {
    const outcome = await store(...argv)
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('There is no database yet')
  }
})

it('names the programs of PostgreSQL, and not its password', async () => {
  writeFileSync(
    join(cwd, 'patchbay.yaml'),
    'store: { url: "postgres://ann:canary-word@127.0.0.1:1/bay" }',
  )
  const backup = await store('backup', '--to', 'copy.db')
  expect(backup).toMatchObject({ code: 2 })
  expect(backup.stderr).toContain('pg_dump')
  expect((await store('check')).stderr).toContain('pg_amcheck')
  const status = await store('status')
  expect(status.code).toBe(78)
  expect(JSON.stringify([backup, status])).not.toContain('canary-word')
})
