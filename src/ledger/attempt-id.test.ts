// Names of attempts: one of a kind, and in the order of their times.
import { expect, it } from 'vitest'
import { attemptIdAt } from './attempt-id.ts'

it('names of attempts sort by their time, whatever the rest of them is', () => {
  const times = [0, 999.4, 1_700_000_000_000, 1_700_000_000_001, 9_999_999_999_999]
  let left = times.length
  const ids = times.map((at) => attemptIdAt(at, () => String((left -= 1))))
  expect(ids.toSorted()).toEqual(ids)
})

it('attempts of the same moment have names of their own', () => {
  let ids = 0
  const next = (): string => attemptIdAt(1, () => String((ids += 1)))
  expect(next()).not.toBe(next())
})
