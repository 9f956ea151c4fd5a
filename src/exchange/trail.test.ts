// The way of one call, as it is told.
import { expect, it } from 'vitest'
import { Trail } from './trail.ts'

const A = { provider: 'a', model: 'm' }
const B = { provider: 'b', model: 'm', credential: 'k1' }

it('has those that were passed over where they were met, and counts them as no attempts', () => {
  const trail = new Trail()
  trail.skip(A, 'open')
  trail.add({ target: B, outcome: 'timeout', elapsedMs: 1 })
  trail.add({ target: B, outcome: 'ok', elapsedMs: 1, as: 'hedge' })
  expect(String(trail)).toBe('a/m=open; b/m#k1=timeout; b/m#k1#hedge=ok')
  expect(trail.attempts).toHaveLength(2)
})

it('shows ten steps, and how many more there were', () => {
  const trail = new Trail()
  for (let step = 0; step < 12; step += 1) trail.skip({ ...A, model: 'm\n' }, 'open')
  expect(String(trail).split('; ')).toHaveLength(11)
  expect(String(trail)).toMatch(/^a\/m\?=open; .*; and 2 more$/)
})
