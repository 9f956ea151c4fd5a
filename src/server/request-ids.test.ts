// No random byte is used twice, however many ids are made.
import { randomFillSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { requestIds } from './request-ids.ts'

it('makes ids that differ, of twelve random bytes each', () => {
  const next = requestIds(randomFillSync)
  const ids = Array.from({ length: 2000 }, next)
  expect(new Set(ids).size).toBe(2000)
  expect(ids.every((id) => /^req_[0-9a-f]{24}$/.test(id))).toBe(true)
})

it('draws anew once what was drawn is used up, and not before', () => {
  let draws = 0
  const next = requestIds((bytes) => bytes.fill((draws += 1)))
  expect(next()).toBe(`req_${'01'.repeat(12)}`)
  for (let made = 1; made < 512; made += 1) next()
  expect(draws).toBe(1)
  expect(next()).toBe(`req_${'02'.repeat(12)}`)
})
