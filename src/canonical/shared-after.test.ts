// Waits that share a timer end as they would with one of their own: never early, in order, and not at all once they are called off.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import fc from 'fast-check'
import { sharedAfter } from './shared-after.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('ends each wait once, never early and at most a grain late, whatever was called off', async () => {
  const waits = fc.array(
    fc.record({
      milliseconds: fc.integer({ min: 1, max: 5000 }),
      beginsAt: fc.integer({ min: 0, max: 3000 }),
      calledOffAt: fc.option(fc.integer({ min: 0, max: 9000 }), { nil: Infinity }),
    }),
    { maxLength: 20 },
  )
  await fc.assert(
    fc.asyncProperty(waits, async (all) => {
      const after = sharedAfter()
      const startedAt = performance.now()
      const ended: number[][] = all.map(() => [])
      for (const [at, { milliseconds, beginsAt, calledOffAt }] of all.entries()) {
        setTimeout(() => {
          const callOff = after(milliseconds, () =>
            ended[at]?.push(performance.now() - startedAt - beginsAt),
          )
          if (calledOffAt !== Infinity) {
            setTimeout(callOff, Math.max(0, calledOffAt - beginsAt))
          }
        }, beginsAt)
      }
      await vi.advanceTimersByTimeAsync(10_000)
      for (const [at, { milliseconds, beginsAt, calledOffAt }] of all.entries()) {
        const times = ended[at] ?? []
        const isCalledOff = Math.max(0, calledOffAt - beginsAt) < milliseconds
        if (isCalledOff) expect(times).toEqual([])
        else if (calledOffAt - beginsAt > milliseconds + 20) expect(times).toHaveLength(1)
        for (const time of times) {
          expect(time).toBeGreaterThanOrEqual(milliseconds)
          expect(time).toBeLessThanOrEqual(milliseconds + 20)
        }
      }
    }),
    { numRuns: 200 },
  )
})

it('sets one timer for all, and leaves it for those to come', () => {
  const after = sharedAfter()
  for (let call = 0; call < 100; call += 1) after(60_000, () => undefined)()
  expect(vi.getTimerCount()).toBe(1)
})

it('waits on for one that begins within another', async () => {
  const after = sharedAfter()
  const ended: string[] = []
  after(2000, () => {
    ended.push('first')
    after(2000, () => ended.push('second'))
  })
  await vi.advanceTimersByTimeAsync(3000)
  expect(ended).toEqual(['first'])
  await vi.advanceTimersByTimeAsync(2000)
  expect(ended).toEqual(['first', 'second'])
})
