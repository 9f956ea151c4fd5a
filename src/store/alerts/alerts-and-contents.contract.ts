// The suite that alerts and kept texts pass on every database.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeptContent } from '../../contents/kept-contents.ts'
import {
  keepContent,
  listContents,
  readContent,
  removeContent,
  sweepContents,
} from '../contents/content-operations.ts'
import type { DatabaseSubject } from '../documents/documents.contract.ts'
import type { Database } from '../operation.ts'
import { endAlert, nextAlert, raiseAlert, takeAlert } from './alert-operations.ts'

const ALERT = { budget: 'all/', startsAt: 5, threshold: 50 }
const RAISED = { ...ALERT, raisedAt: 10, body: '{}', nextAt: 10 }

function content(callId: string, more: Partial<KeptContent> = {}): KeptContent {
  return {
    callId,
    at: 1,
    caller: 'k1',
    provider: 'p',
    model: 'm',
    request: '[]',
    answer: 'yes',
    expiresAt: 100,
    ...more,
  }
}

export function alertsAndContentsContract({ name, open }: DatabaseSubject): void {
  describe(`alerts in ${name}`, () => {
    let database: Database
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    it('are raised by one of many, once', async () => {
      const raised = await Promise.all(
        Array.from({ length: 8 }, async () => database.run(raiseAlert, RAISED)),
      )
      expect(raised.filter(Boolean)).toHaveLength(1)
      expect(await database.run(raiseAlert, { ...RAISED, threshold: 80, nextAt: 30 })).toBe(true)
    })

    it('are taken by one of many, and by others when that one does not come back', async () => {
      const take = async (now: number) => database.run(takeAlert, { now, until: now + 10 })
      const taken = await Promise.all(Array.from({ length: 8 }, async () => take(10)))
      expect(taken.filter((one) => one !== undefined)).toEqual([{ ...ALERT, body: '{}', tries: 1 }])
      expect(await take(19)).toBeUndefined()
      expect(await take(20)).toEqual({ ...ALERT, body: '{}', tries: 2 })
      expect(await database.run(nextAlert, {})).toBe(30)
      await database.run(endAlert, { ...ALERT, nextAt: 90 })
      await database.run(endAlert, { ...ALERT, threshold: 80 })
      expect(await database.run(nextAlert, {})).toBe(90)
      await database.run(endAlert, ALERT)
      expect(await database.run(nextAlert, {})).toBeUndefined()
      expect(await take(1000)).toBeUndefined()
    })
  })

  describe(`kept texts in ${name}`, () => {
    let database: Database
    beforeAll(async () => {
      database = await open()
      for (const one of ['c1', 'c2', 'c3']) await database.run(keepContent, content(one))
      await database.run(
        keepContent,
        content('c4', { caller: 'k2', answer: 'a\0b', expiresAt: 50 }),
      )
    })
    afterAll(() => database.close())

    it('are what they were, and what no database takes is marked', async () => {
      await database.run(keepContent, content('c1', { answer: 'another' }))
      expect(await database.run(readContent, { callId: 'c1', now: 1 })).toEqual(content('c1'))
      const marked = await database.run(readContent, { callId: 'c4', now: 1 })
      expect(marked?.answer).toBe('a\ufffdb')
    })

    async function ids(more: {
      readonly caller?: string
      readonly after?: string
      readonly limit?: number
    }): Promise<readonly string[]> {
      const found = await database.run(listContents, { now: 1, limit: 10, ...more })
      return found.map(({ callId, answer }) => callId + answer)
    }

    it('are listed by key and in pages, without what was said', async () => {
      expect(await ids({})).toEqual(['c1', 'c2', 'c3', 'c4'])
      expect(await ids({ caller: 'k2' })).toEqual(['c4'])
      expect(await ids({ after: 'c1', limit: 2 })).toEqual(['c2', 'c3'])
    })

    it('are not shown once their time is over, and swept, and removed before', async () => {
      expect(await database.run(readContent, { callId: 'c4', now: 50 })).toBeUndefined()
      expect(await database.run(sweepContents, 49)).toBe(0)
      expect(await database.run(sweepContents, 50)).toBe(1)
      expect(await database.run(removeContent, 'c2')).toBe(true)
      expect(await database.run(removeContent, 'c2')).toBe(false)
      expect(await database.run(listContents, { now: 1, limit: 10 })).toHaveLength(2)
    })
  })
}
