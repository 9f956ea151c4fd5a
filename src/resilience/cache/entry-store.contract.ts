// What every place that keeps texts must do; run by each implementation's own test.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EntryStore } from './entry-store.ts'

export interface EntryBench {
  readonly store: EntryStore
  /** A further door to the same entries, as another process has it. */
  readonly other: EntryStore
  /** Lets so much time pass for the store. */
  pass(milliseconds: number): Promise<void>
  close(): Promise<void>
}

let keys = 0

function freshKey(): string {
  keys += 1
  return `${process.pid}/${keys}`
}

export function entryStoreContract(name: string, open: () => Promise<EntryBench>): void {
  describe(name, () => {
    let bench: EntryBench

    beforeEach(async () => {
      bench = await open()
    })

    afterEach(async () => {
      await bench.close()
    })

    it('gives back what it was given, to every door, and nothing else', async () => {
      const key = freshKey()
      const text = 'é "\u0000\ud83d\ude00'
      expect(await bench.store.get(key)).toBeUndefined()
      await bench.store.set(key, 'before', 60_000)
      await bench.store.set(key, text, 60_000)
      expect(await bench.other.get(key)).toBe(text)
      expect(await bench.store.get(`${key}/other`)).toBeUndefined()
    })

    it('forgets in time, and what is removed at once', async () => {
      const [short, removed] = [freshKey(), freshKey()]
      await bench.store.set(short, 'a', 200)
      await bench.store.set(removed, 'b', 60_000)
      await bench.other.remove(removed)
      expect(await bench.store.get(removed)).toBeUndefined()
      await bench.pass(250)
      expect(await bench.store.get(short)).toBeUndefined()
    })

    it('lets one of many claim what is free, and shows the others who did', async () => {
      const key = freshKey()
      const doors = [bench.store, bench.other]
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => doors[at % 2]?.claim(key, `by ${at}`, 60_000)),
      )
      const winners = answers.flatMap((answer, at) => (answer === undefined ? [at] : []))
      expect(winners).toHaveLength(1)
      const others = answers.filter((answer) => answer !== undefined)
      expect(new Set(others)).toEqual(new Set([`by ${winners[0]}`]))
    })

    it('lets a claim that has run out be claimed again', async () => {
      const key = freshKey()
      await bench.store.claim(key, 'a', 200)
      await bench.pass(250)
      expect(await bench.other.claim(key, 'b', 60_000)).toBeUndefined()
      expect(await bench.store.get(key)).toBe('b')
    })
  })
}
