// Counts of the last while, in slices.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FailureWindow } from './failure-window.ts'

it('counts calls and failures of the window, and forgets older ones', () => {
  const window = new FailureWindow(10_000)
  window.add(true, 0)
  window.add(false, 5000)
  expect(window.counts(5000)).toEqual({ calls: 2, failures: 1 })
  expect(window.counts(12_000)).toEqual({ calls: 1, failures: 0 })
  window.clear()
  expect(window.counts(12_000)).toEqual({ calls: 0, failures: 0 })
})

it('counts everything within the window, and nothing older than a tenth more', () => {
  const ends = fc.array(fc.record({ wait: fc.nat(4000), failed: fc.boolean() }), { maxLength: 60 })
  fc.assert(
    fc.property(ends, (steps) => {
      const window = new FailureWindow(10_000)
      const seen: { readonly at: number; readonly failed: boolean }[] = []
      let now = 0
      for (const { wait, failed } of steps) {
        now += wait
        window.add(failed, now)
        seen.push({ at: now, failed })
        const { calls, failures } = window.counts(now)
        const within = (ms: number) => seen.filter(({ at }) => now - at < ms)
        expect(calls).toBeGreaterThanOrEqual(within(10_000).length)
        expect(calls).toBeLessThanOrEqual(within(11_000).length)
        expect(failures).toBeGreaterThanOrEqual(within(10_000).filter((end) => end.failed).length)
        expect(failures).toBeLessThanOrEqual(calls)
      }
    }),
    { numRuns: 1000 },
  )
})
