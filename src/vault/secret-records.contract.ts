// The suite that every place for the rows of a vault passes.
import { beforeEach, describe, expect, it } from 'vitest'
import { HEADER_KEY, type SecretRecords } from './secret-records.ts'

export interface RecordsSubject {
  readonly name: string
  /** Empty. */
  readonly open: () => Promise<SecretRecords>
}

export function secretRecordsContract({ name, open }: RecordsSubject): void {
  describe(`rows of a vault in ${name}`, () => {
    let records: SecretRecords

    beforeEach(async () => {
      records = await open()
    })

    async function bodies(): Promise<Readonly<Record<string, unknown>>> {
      return Object.fromEntries((await records.list()).map(({ key, body }) => [key, body]))
    }

    it('come back as they were written, however many there are', async () => {
      expect(await records.list()).toEqual([])
      const many = Array.from({ length: 250 }, (_, at) => ({ key: `k${at}/1`, body: { at } }))
      await records.write([...many, { key: HEADER_KEY, body: { epoch: 1 } }], 0)
      const read = await bodies()
      expect(Object.keys(read)).toHaveLength(251)
      expect(read).toMatchObject({ 'k249/1': { at: 249 }, [HEADER_KEY]: { epoch: 1 } })
    })

    it('are written together, removals too, and only over the header that was seen', async () => {
      const first = await records.write(
        [
          { key: 'a/1', body: { a: 1 } },
          { key: HEADER_KEY, body: { epoch: 1 } },
        ],
        0,
      )
      const head = (await records.list()).find(({ key }) => key === HEADER_KEY)
      expect(head?.revision).toBe(first)
      const next = [
        { key: 'a/1' },
        { key: 'b/1', body: { b: 1 } },
        { key: HEADER_KEY, body: { epoch: 2 } },
      ]
      expect(await records.write(next, 0)).toBeUndefined()
      expect(await records.write(next, (first ?? 0) + 1)).toBeUndefined()
      expect(await bodies()).toEqual({ 'a/1': { a: 1 }, [HEADER_KEY]: { epoch: 1 } })
      expect(await records.write(next, first ?? 0)).toBeGreaterThan(first ?? 0)
      expect(await bodies()).toEqual({ 'b/1': { b: 1 }, [HEADER_KEY]: { epoch: 2 } })
    })

    it('let one of many writers win', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, by) =>
          records.write([{ key: HEADER_KEY, body: { by } }], 0),
        ),
      )
      expect(outcomes.filter((revision) => revision !== undefined)).toHaveLength(1)
    })
  })
}
