// A few rounds of what `npm run kill` does with two hundred.
import { expect, it } from 'vitest'
import { killRounds } from './kill-rounds.ts'

it('F148 a gateway that is killed at any moment has lost no call that it completed, counted none twice, and holds nothing', async () => {
  const report = await killRounds({ rounds: 8, seed: 7 })
  expect(report.wrong).toEqual([])
  expect(report.completed).toBeGreaterThan(20)
  expect(report.crashed).toBeGreaterThan(5)
})
