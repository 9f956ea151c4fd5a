// SQLite on threads: what is committed together, what is not held up, and what becomes of a thread that dies.
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { failureOf } from '../../../test/context.ts'
import type { StoreFact } from '../../exchange/facts/store.ts'
import { Documents } from '../documents/documents.ts'
import { lastChange } from '../documents/operations.ts'
import type { Operation } from '../operation.ts'
import { CRASH, FAIL, LOOK_LONG, WRITE_IN_READ } from './fixtures/names.ts'
import { ThreadedSqlite } from './threaded-sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-threads-'))
afterAll(() => rmSync(folder, { recursive: true }))
const open: ThreadedSqlite[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (database) => database.close()))
})
let files = 0
/** A thread takes its time to begin where much else is done. */
const SOON = { timeout: 30_000 }

interface Opened {
  readonly database: ThreadedSqlite
  readonly documents: Documents
  readonly path: string
  readonly facts: readonly StoreFact[]
}

async function opened(): Promise<Opened> {
  const path = join(folder, `${(files += 1)}.db`)
  const facts: StoreFact[] = []
  const database = await ThreadedSqlite.open({
    path,
    durability: 'strict',
    now: 1,
    tell: (fact) => facts.push(fact),
    code: new URL('fixtures/thread.ts', import.meta.url),
  })
  open.push(database)
  return { database, documents: new Documents(database, () => 1), path, facts }
}

/** On this side only the name counts. */
function named(name: string, reads?: true): Operation<unknown, unknown> {
  const none: Operation<unknown, unknown> = {
    name,
    *steps() {
      yield* []
    },
  }
  return reads === undefined ? none : { ...none, reads }
}

function document(id: string | number): { kind: string; id: string; body: Record<string, never> } {
  return { kind: 'key', id: String(id), body: {} }
}

describe('SQLite on threads', () => {
  it('keeps its files from everybody else', async () => {
    const { documents, path } = await opened()
    await documents.write([document(1)])
    const own = readdirSync(folder).filter((name) => join(folder, name).startsWith(path))
    expect(own).toHaveLength(3)
    for (const name of own) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it('commits together what is asked together', async () => {
    const { documents, facts } = await opened()
    await Promise.all(Array.from({ length: 500 }, async (_, at) => documents.write([document(at)])))
    const commits = facts.flatMap((fact) => (fact.type === 'store-committed' ? [fact] : []))
    expect(commits.reduce((sum, { operations }) => sum + operations, 0)).toBe(500)
    expect(commits.length).toBeLessThan(50)
    expect(facts[0]).toMatchObject({ type: 'store-checked' })
  })

  it('commits together what is asked in several turns while it is at work', async () => {
    const { database, documents, path, facts } = await opened()
    const mark = `${path}.mark`
    const long = database.run(named(LOOK_LONG), mark)
    await expect.poll(() => existsSync(`${mark}.begun`), SOON).toBe(true)
    const writes: Promise<unknown>[] = []
    for (let at = 0; at < 5; at += 1) {
      writes.push(documents.write([document(at)]))
      await nextTurn()
    }
    writeFileSync(`${mark}.end`, '')
    await Promise.all([long, ...writes])
    const commits = facts.flatMap((fact) => (fact.type === 'store-committed' ? [fact] : []))
    expect(commits.map(({ operations }) => operations)).toEqual([1, 5])
  })

  it('undoes one of those that are committed together, and not the others', async () => {
    const { database, documents } = await opened()
    const [one, failure, other] = await Promise.all([
      documents.write([document('one')]),
      failureOf(database.run(named(FAIL), undefined)),
      documents.write([document('other')]),
    ])
    expect([one, other]).toEqual([[1], [1]])
    expect(failure).toMatchObject({ code: 'store_failed' })
    expect(await database.run(lastChange, undefined)).toBe(2)
  })

  it('shows what is written to whoever reads after it', async () => {
    const { documents } = await opened()
    for (let at = 0; at < 50; at += 1) {
      await documents.write([document(at)])
      expect(await documents.find(document(at))).toBeDefined()
    }
  })

  it('neither writes nor answers short questions later because somebody looks for long', async () => {
    const { database, documents, path } = await opened()
    const mark = `${path}.mark`
    const long = database.run(named(LOOK_LONG, true), mark)
    await expect.poll(() => existsSync(`${mark}.begun`), SOON).toBe(true)
    await documents.write([document('meanwhile')])
    expect(await documents.find(document('meanwhile'))).toBeDefined()
    writeFileSync(`${mark}.end`, '')
    // All of it sees one state.
    expect(await long).toEqual([{ value: 0 }, { value: 0 }])
  })

  it('lets no operation change anything that says it only reads', async () => {
    const { database } = await opened()
    expect(await failureOf(database.run(named(WRITE_IN_READ, true), undefined))).toMatchObject({
      code: 'store_read_only',
    })
    expect(await database.run(lastChange, undefined)).toBe(0)
  })

  it('says of a thread that dies that it does not know what it did, and begins another', async () => {
    const { database, documents } = await opened()
    await documents.write([document('before')])
    const lost = await Promise.all([
      failureOf(database.run(named(CRASH), undefined)),
      failureOf(documents.write([document('with it')])),
    ])
    for (const one of lost) {
      expect(one).toMatchObject({ kind: 'overloaded', code: 'store_uncertain' })
    }
    expect(await database.run(lastChange, undefined)).toBe(1)
    await documents.write([document('after')])
    expect((await documents.all('key')).map(({ id }) => id)).toEqual(['after', 'before'])
  })

  it('does with the next thread what one that died had not been told of', async () => {
    const { database, documents } = await opened()
    const lost = failureOf(database.run(named(CRASH), undefined))
    await nextTurn()
    expect(await documents.write([document('untold')])).toEqual([1])
    expect(await lost).toMatchObject({ code: 'store_uncertain' })
  })

  it('ends what was begun before it closes, and takes nothing after', async () => {
    const { database, documents } = await opened()
    const begun = documents.write([document('begun')])
    await database.close()
    expect(await begun).toEqual([1])
    expect(await failureOf(documents.write([document('late')]))).toMatchObject({
      code: 'store_unavailable',
    })
    await database.close()
  })
})
