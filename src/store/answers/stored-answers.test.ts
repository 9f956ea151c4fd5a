// Answers in the database keep the contract, and what is more of them: they outlive the process, and somebody else's gateway has them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { FakeTime } from '../../../test/server-fakes.ts'
import { answerStoreContract, kept } from '../answer-store.contract.ts'
import { openDatabase } from '../open-database.ts'
import type { Database } from '../operation.ts'
import { StoredAnswers } from './stored-answers.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-answers-'))
afterAll(() => rmSync(folder, { recursive: true }))
const open: Database[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (database) => database.close()))
})

async function opened(file?: string): Promise<Database> {
  const where = file === undefined ? { url: 'memory:', file: '' } : { file: join(folder, file) }
  const database = await openDatabase({ ...where, durability: 'fast', now: () => 1 })
  open.push(database)
  return database
}

const LIMITS = { ttlMs: 1000, maxEntries: 3, maxBytes: 10_000 }

answerStoreContract({
  name: 'the database',
  open: async ({ time: { now, after }, ttlMs, maxBytes }) =>
    new StoredAnswers(await opened(), { ttlMs, maxBytes, maxEntries: 1000, now, after }),
})

describe('answers in the database', () => {
  it('outlive the process, and other gateways have them', async () => {
    const { now, after } = new FakeTime()
    const first = new StoredAnswers(await opened('shared.db'), { ...LIMITS, now, after })
    await first.put('ann', kept('a'))
    await first.close()
    const other = new StoredAnswers(await opened('shared.db'), { ...LIMITS, now, after })
    expect(await other.conversation('ann', 'a')).toEqual({ answers: [kept('a')] })
  })

  it('make room where there are too many: whoever has most gives up what was longest ago', async () => {
    const { now, after } = new FakeTime()
    const answers = new StoredAnswers(await opened(), { ...LIMITS, now, after })
    await answers.put('bob', kept('b'))
    for (const id of ['a1', 'a2', 'a3', 'a4']) await answers.put('ann', kept(id))
    const left = async (owner: string, ids: readonly string[]): Promise<unknown> =>
      Promise.all(ids.map(async (id) => (await answers.find(owner, id))?.id))
    expect(await left('bob', ['b'])).toEqual(['b'])
    expect(await left('ann', ['a1', 'a2', 'a3', 'a4'])).toEqual([undefined, undefined, 'a3', 'a4'])
  })

  it('make room where they are too large together', async () => {
    const { now, after } = new FakeTime()
    const answers = new StoredAnswers(await opened(), { ...LIMITS, now, after })
    const large = { answer: JSON.stringify('x'.repeat(6000)) }
    await answers.put('ann', kept('first', large))
    await answers.put('ann', kept('second', large))
    expect(await answers.find('ann', 'first')).toBeUndefined()
    expect(await answers.find('ann', 'second')).toBeDefined()
  })

  it('leave the database once their time is over, however many', async () => {
    const time = new FakeTime()
    const database = await opened()
    const options = { ...LIMITS, maxEntries: 10_000, now: time.now, after: time.after }
    const answers = new StoredAnswers(database, options)
    for (let at = 0; at < 1100; at += 1) await answers.put('ann', kept(`a${at}`))
    await time.pass(1000)
    await answers.sweep()
    const left = {
      name: 'test/left',
      *steps(): Generator<{ sql: string }, unknown, readonly unknown[]> {
        return yield {
          sql: 'SELECT (SELECT COUNT(*) FROM kept_answers) + (SELECT COUNT(*) FROM kept_items) AS n',
        }
      },
    }
    expect(await database.run(left, undefined)).toEqual([{ n: 0 }])
    await answers.close()
  })
})
