// Amounts of money as people write them come back as they were, to the billionth.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { costOfNano, nanoOfUsd } from './cost.ts'

it('every amount is read as it is written', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (nano) => {
      expect(nanoOfUsd(costOfNano(nano).usd)).toBe(nano)
    }),
  )
})

it.each([
  [20, 20_000_000_000],
  [0.05, 50_000_000],
  ['0.000000001', 1],
  [1e-9, 1],
  ['9007199.254740991', Number.MAX_SAFE_INTEGER],
  ['0', 0],
])('%s is %i billionths', (usd, nano) => {
  expect(nanoOfUsd(usd)).toBe(nano)
})

it.each([
  -5,
  '-5',
  '1e3',
  '.5',
  '5.',
  '',
  ' 5',
  '0.0000000001',
  1e-10,
  Infinity,
  Number.NaN,
  '9007199.254740992',
  1e21,
])('%s is no amount', (usd) => {
  expect(nanoOfUsd(usd)).toBeUndefined()
})
