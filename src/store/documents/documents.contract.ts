// The suite that documents pass on every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../operation.ts'
import type { DocumentKey } from './document.ts'
import { Documents } from './documents.ts'

export interface DatabaseSubject {
  readonly name: string
  /** An empty database. */
  readonly open: () => Promise<Database>
}

const ROUTE: DocumentKey = { kind: 'route', id: 'smart' }

export function documentsContract({ name, open }: DatabaseSubject): void {
  describe(`documents in ${name}`, () => {
    let database: Database
    let documents: Documents
    let now = 1000

    beforeEach(async () => {
      now = 1000
      database = await open()
      documents = new Documents(database, () => now)
    })
    afterEach(async () => database.close())

    it('come back as they were written', async () => {
      const body = { text: 'é "\u0000"\n', deep: { list: [1, null, 1.5, true] } }
      expect(await documents.write([{ ...ROUTE, body }])).toEqual([1])
      expect(await documents.find(ROUTE)).toEqual({
        ...ROUTE,
        version: 1,
        body,
        sequence: 1,
        createdAt: 1000,
        updatedAt: 1000,
      })
      expect(await documents.find({ ...ROUTE, id: 'other' })).toBeUndefined()
    })

    it('count their versions, and go on counting where they come anew', async () => {
      await documents.write([{ ...ROUTE, body: { at: 1 } }])
      now = 2000
      expect(await documents.write([{ ...ROUTE, body: { at: 2 } }])).toEqual([2])
      expect(await documents.find(ROUTE)).toMatchObject({ createdAt: 1000, updatedAt: 2000 })
      expect(await documents.write([ROUTE])).toEqual([3])
      expect(await documents.find(ROUTE)).toBeUndefined()
      expect(await documents.write([{ ...ROUTE, body: { at: 4 } }])).toEqual([4])
      expect(await documents.find(ROUTE)).toMatchObject({ version: 4, createdAt: 2000 })
    })

    it('are written only in the state that is expected', async () => {
      const body = { at: 1 }
      await expect(documents.write([{ ...ROUTE, body, expected: 1 }])).rejects.toMatchObject({
        kind: 'conflict',
        code: 'version_conflict',
      })
      await documents.write([{ ...ROUTE, body, expected: 'absent' }])
      await expect(documents.write([{ ...ROUTE, body, expected: 'absent' }])).rejects.toMatchObject(
        { code: 'already_there' },
      )
      await documents.write([{ ...ROUTE, body, expected: 1 }])
      await expect(documents.write([{ ...ROUTE, expected: 1 }])).rejects.toMatchObject({
        code: 'version_conflict',
      })
    })

    it('are written together or not at all', async () => {
      const other = { kind: 'provider', id: 'p' }
      await expect(
        documents.write([
          { ...other, body: {} },
          { ...ROUTE, body: {}, expected: 7 },
        ]),
      ).rejects.toMatchObject({ kind: 'conflict' })
      expect(await documents.find(other)).toBeUndefined()
      expect(await documents.changes(0)).toEqual([])
    })

    it('let one of many writers win who expect the same state', async () => {
      await documents.write([{ ...ROUTE, body: { by: 'nobody' } }])
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, async (_, by) =>
          documents.write([{ ...ROUTE, body: { by }, expected: 1 }]),
        ),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    it('are listed by kind, in the order of their ids, a page at a time', async () => {
      const ids = ['b', 'd', 'a', 'c']
      await documents.write(ids.map((id) => ({ kind: 'key', id, body: { id } })))
      await documents.write([{ ...ROUTE, body: {} }])
      const first = await documents.list('key', { limit: 3 })
      expect(first.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
      const rest = await documents.list('key', { after: 'c', limit: 3 })
      expect(rest.map(({ id }) => id)).toEqual(['d'])
      expect(await documents.all('key')).toHaveLength(4)
    })

    it('tell what changed since, removals too, in order', async () => {
      await documents.write([
        { ...ROUTE, body: { at: 1 } },
        { kind: 'key', id: 'k', body: {} },
      ])
      const before = await documents.changes(0)
      expect(before.map(({ id, version }) => [id, version])).toEqual([
        ['smart', 1],
        ['k', 1],
      ])
      const last = before.at(-1)?.sequence ?? 0
      expect(await documents.changes(last)).toEqual([])
      await documents.write([{ ...ROUTE, body: { at: 2 } }])
      await documents.write([{ kind: 'key', id: 'k' }])
      const since = await documents.changes(last)
      expect(since).toMatchObject([
        { id: 'smart', version: 2, body: { at: 2 } },
        { id: 'k', version: 2 },
      ])
      expect(since.at(-1)?.body).toBeUndefined()
    })

    it('take any text for an id, as it is', async () => {
      const id = `x'; DROP TABLE documents; --%_\\`
      await documents.write([{ kind: 'key', id, body: { id } }])
      expect((await documents.find({ kind: 'key', id }))?.body).toEqual({ id })
    })
  })
}
