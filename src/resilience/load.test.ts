// The level follows the seconds: at once where they are bad, step by step where they stay so.
import { expect, it } from 'vitest'
import { Load } from './load.ts'

const calm = { lagMs: 2, utilisation: 0.3 }
const busy = { lagMs: 10, utilisation: 0.99 }

function lag(lagMs: number): { lagMs: number; utilisation: number } {
  return { lagMs, utilisation: 0.5 }
}

function levelAfter(lagMs: number): number {
  const load = new Load()
  load.heard(lag(lagMs))
  return load.level
}

it('is at once as high as the lag is long', () => {
  expect([50, 100, 101, 199, 200, 400, 2000, 60_000].map((ms) => levelAfter(ms))).toEqual([
    0, 0, 1, 1, 2, 3, 3, 3,
  ])
})

it('rises where the lag lasts, and is gone with the first calm second', () => {
  const load = new Load()
  const levels = [lag(120), lag(120), lag(120), lag(120)].map((sample) => {
    load.heard(sample)
    return load.level
  })
  expect(levels).toEqual([1, 2, 3, 3])
  load.heard(calm)
  expect(load.level).toBe(0)
})

it('sheds no more than what can wait where the loop is always busy but answers in time', () => {
  const load = new Load()
  const levels = [busy, busy, busy, lag(1000), busy].map((sample) => {
    load.heard(sample)
    return load.level
  })
  expect(levels).toEqual([1, 1, 1, 3, 1])
})

it('sinks step by step while the lag is only just bearable', () => {
  const load = new Load()
  load.heard(lag(1000))
  const levels = [80, 80, 80].map((ms) => {
    load.heard(lag(ms))
    return load.level
  })
  expect(levels).toEqual([2, 1, 0])
})

it('knows three states of memory, at the shares that are given', () => {
  const load = new Load({ memorySoft: 0.5, memoryHard: 0.6 })
  const states = [0.49, 0.5, 0.59, 0.6, 0.1].map((share) => {
    load.heardMemory(share)
    return load.memory
  })
  expect(states).toEqual(['free', 'short', 'short', 'out', 'free'])
})
