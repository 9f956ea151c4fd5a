// What every database that several processes share must let one of them hear of another.
import { afterEach, describe, expect, it } from 'vitest'
import { realEvery } from '../../resilience/limits/lease.ts'
import type { Database } from '../operation.ts'
import type { DocumentChange } from './document.ts'
import { WatchedDocuments } from './watched-documents.ts'

export interface SharedSubject {
  readonly name: string
  /** The same database, as two processes have it. */
  readonly open: () => Promise<readonly [Database, Database]>
}

export function watchedContract({ name, open }: SharedSubject): void {
  describe(`changes in ${name}`, () => {
    const ends: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const end of ends.splice(0)) await end()
    })

    it('are heard by another process, in order and each document once a look, with removals', async () => {
      const failures: unknown[] = []
      const failed = (thrown: unknown): number => failures.push(thrown)
      const [here, there] = (await open()).map((database) => {
        const watched = new WatchedDocuments(database, {
          now: () => 1,
          every: realEvery,
          intervalMs: 20,
          failed,
        })
        ends.push(async () => {
          watched.close()
          await database.close()
        })
        return watched
      })
      const heard: DocumentChange[] = []
      await there?.follow('key', (change) => heard.push(change))
      await here?.write([
        { kind: 'key', id: 'a', body: { n: 1 } },
        { kind: 'route', id: 'r', body: {} },
        { kind: 'key', id: 'b', body: {} },
      ])
      await expect.poll(() => heard.map(({ id }) => id)).toEqual(['a', 'b'])
      await here?.write([{ kind: 'key', id: 'a' }])
      await expect.poll(() => heard.length).toBe(3)
      expect(heard.at(-1)).toEqual({ kind: 'key', id: 'a', version: 2, sequence: 4 })
      expect(failures).toEqual([])
    })
  })
}
