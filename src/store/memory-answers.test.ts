// Answers in memory: the contract, and what only memory has: limits of number and size, and the clock that empties it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeTime } from '../../test/server-fakes.ts'
import { answerStoreContract, kept } from './answer-store.contract.ts'
import { MemoryAnswers, type MemoryAnswersOptions } from './memory-answers.ts'

answerStoreContract({
  name: 'memory',
  open: async ({ time, ttlMs, maxBytes }) =>
    new MemoryAnswers({ ttlMs, maxBytes, maxEntries: 1000, now: time.now, after: time.after }),
})

function limited(limits: Partial<MemoryAnswersOptions>, time = new FakeTime()): MemoryAnswers {
  const { now, after } = time
  return new MemoryAnswers({ ttlMs: 1000, maxBytes: 1e6, maxEntries: 1e6, now, after, ...limits })
}

/** Takes exactly so many bytes. */
function sized(id: string, bytes: number): ReturnType<typeof kept> {
  return kept(id, { input: '', answer: 'x'.repeat(bytes) })
}

async function present(
  store: MemoryAnswers,
  owner: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(ids.map((id) => store.find(owner, id)))
  return ids.filter((_, at) => found[at] !== undefined)
}

describe('the limits', () => {
  it('of size make the oldest go', async () => {
    const store = limited({ maxBytes: 100 })
    for (const id of ['a', 'b', 'c']) await store.put('ann', sized(id, 40))
    expect(await present(store, 'ann', ['a', 'b', 'c'])).toEqual(['b', 'c'])
    await store.put('ann', sized('d', 100))
    expect(await present(store, 'ann', ['b', 'c', 'd'])).toEqual(['d'])
  })

  it('count bytes, not characters', async () => {
    const store = limited({ maxBytes: 10 })
    expect(await store.put('ann', kept('a', { input: '', answer: 'ééééé' }))).toBe(true)
    expect(await store.put('ann', kept('b', { input: 'é', answer: 'ééééé' }))).toBe(false)
  })

  it('of number make the oldest go', async () => {
    const store = limited({ maxEntries: 2 })
    for (const id of ['a', 'b', 'c']) await store.put('ann', kept(id))
    expect(await present(store, 'ann', ['a', 'b', 'c'])).toEqual(['b', 'c'])
  })

  it('spare what was gone on from lately', async () => {
    const store = limited({ maxEntries: 2 })
    await store.put('ann', kept('a'))
    await store.put('ann', kept('b'))
    await store.conversation('ann', 'a')
    await store.put('ann', kept('c'))
    expect(await present(store, 'ann', ['a', 'b', 'c'])).toEqual(['a', 'c'])
  })

  it('let nobody crowd out another: who has most gives up first', async () => {
    const store = limited({ maxBytes: 100 })
    await store.put('ann', sized('a', 30))
    for (const id of ['b', 'c', 'd', 'e']) await store.put('bob', sized(id, 30))
    expect(await present(store, 'ann', ['a'])).toEqual(['a'])
    expect(await present(store, 'bob', ['b', 'c', 'd', 'e'])).toEqual(['d', 'e'])
  })

  it('hold whatever is done, and what is found is what was put', async () => {
    const step = fc.record({
      does: fc.constantFrom('put', 'go-on', 'remove', 'wait'),
      owner: fc.constantFrom('ann', 'bob'),
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      bytes: fc.nat(60),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const time = new FakeTime()
        const store = limited({ maxBytes: 150, maxEntries: 4, ttlMs: 50 }, time)
        const latest = new Map<string, string>()
        for (const { does, owner, id, bytes } of steps) {
          const answer = sized(id, bytes)
          if (does === 'put' && (await store.put(owner, answer))) {
            latest.set(`${owner} ${id}`, answer.answer)
          }
          if (does === 'go-on') await store.conversation(owner, id)
          if (does === 'remove') await store.remove(owner, id)
          if (does === 'wait') await time.pass(bytes)
        }
        let count = 0
        let size = 0
        for (const owner of ['ann', 'bob']) {
          for (const id of ['a', 'b', 'c', 'd', 'e']) {
            const found = await store.find(owner, id)
            if (found === undefined) continue
            count += 1
            size += found.answer.length
            expect(found.answer).toBe(latest.get(`${owner} ${id}`))
          }
        }
        expect(count).toBeLessThanOrEqual(4)
        expect(size).toBeLessThanOrEqual(150)
        await store.close()
      }),
    )
  })
})

describe('the clock', () => {
  it('empties a store that nobody asks any more, and then stands still', async () => {
    const time = new FakeTime()
    const store = limited({}, time)
    await store.put('ann', kept('a'))
    expect(time.waiting).toBe(1)
    await time.pass(1000)
    expect(time.waiting).toBe(0)
  })

  it('never waits longer than a timer can', async () => {
    const waits: number[] = []
    const after = (milliseconds: number): (() => void) => {
      waits.push(milliseconds)
      return () => undefined
    }
    const store = limited({ ttlMs: 30 * 24 * 3_600_000, after })
    await store.put('ann', kept('a'))
    expect(waits).toEqual([3_600_000])
  })
})
