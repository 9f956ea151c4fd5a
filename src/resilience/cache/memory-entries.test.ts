// Entries in memory keep the contract and their bounds.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryStoreContract } from './entry-store.contract.ts'
import { MemoryEntries } from './memory-entries.ts'

class Bench {
  nowMs = 0
  readonly clock = (): number => this.nowMs

  store(bounds: { readonly maxEntries?: number; readonly maxBytes?: number } = {}): MemoryEntries {
    return new MemoryEntries({ maxEntries: 100, maxBytes: 10_000, ...bounds, clock: this.clock })
  }
}

entryStoreContract('entries in memory', async () => {
  const bench = new Bench()
  const store = bench.store()
  const pass = async (milliseconds: number): Promise<void> => {
    bench.nowMs += milliseconds
  }
  return { store, other: store, pass, close: async () => store.close() }
})

describe('the bounds', () => {
  it('let go what was used longest ago', async () => {
    const store = new Bench().store({ maxEntries: 2 })
    await store.set('a', '1', 1000)
    await store.set('b', '2', 1000)
    await store.get('a')
    await store.set('c', '3', 1000)
    expect(await store.get('b')).toBeUndefined()
    expect(await store.get('a')).toBe('1')
  })

  it('keep nothing of what is larger than all of it', async () => {
    const store = new Bench().store({ maxBytes: 100 })
    await store.set('a', '1', 1000)
    await store.set('large', 'x'.repeat(100), 1000)
    expect(await store.get('large')).toBeUndefined()
    expect(await store.get('a')).toBe('1')
  })

  it('hold whatever comes', async () => {
    const sets = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.string({ maxLength: 60 })))
    await fc.assert(
      fc.asyncProperty(sets, async (entries) => {
        const store = new Bench().store({ maxEntries: 5, maxBytes: 200 })
        for (const [key, text] of entries) {
          await store.set(String(key), text, 1000)
          expect(store.size.entries).toBeLessThanOrEqual(5)
          expect(store.size.bytes).toBeLessThanOrEqual(200)
        }
        for (let key = 0; key < 10; key += 1) await store.remove(String(key))
        expect(store.size).toEqual({ entries: 0, bytes: 0 })
      }),
    )
  })
})

it('what has run out leaves memory though nobody asks, and then nothing beats', async () => {
  const bench = new Bench()
  const beats = new Set<() => void>()
  const store = new MemoryEntries({
    maxEntries: 9,
    maxBytes: 1000,
    clock: bench.clock,
    every: (_, run) => {
      beats.add(run)
      return () => void beats.delete(run)
    },
  })
  await store.set('a', '1', 1000)
  await store.set('b', '2', 5000)
  const [beat] = beats
  bench.nowMs = 1000
  beat?.()
  expect(store.size.entries).toBe(1)
  bench.nowMs = 5000
  beat?.()
  expect(store.size).toEqual({ entries: 0, bytes: 0 })
  expect(beats.size).toBe(0)
})
