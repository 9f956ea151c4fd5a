// Periods begin and end in UTC, whatever the day.
import { expect, it } from 'vitest'
import { BUDGET_PERIODS, type BudgetPeriod } from '../canonical/budget-standing.ts'
import { nextPeriodStart, periodStart } from './period.ts'

const at = (text: string): number => Date.parse(text)

const cases: readonly (readonly [BudgetPeriod, string, string, string])[] = [
  ['hour', '2026-02-28T23:59:59.999Z', '2026-02-28T23:00Z', '2026-03-01T00:00Z'],
  ['day', '2026-02-28T23:59:59.999Z', '2026-02-28T00:00Z', '2026-03-01T00:00Z'],
  ['week', '2026-01-01T12:00Z', '2025-12-29T00:00Z', '2026-01-05T00:00Z'],
  ['week', '2026-01-05T00:00Z', '2026-01-05T00:00Z', '2026-01-12T00:00Z'],
  ['week', '2026-01-11T23:59Z', '2026-01-05T00:00Z', '2026-01-12T00:00Z'],
  ['month', '2026-12-31T23:59Z', '2026-12-01T00:00Z', '2027-01-01T00:00Z'],
  ['month', '2028-02-29T00:00Z', '2028-02-01T00:00Z', '2028-03-01T00:00Z'],
]

it.each(cases)('a %s that %s is in begins at %s and ends at %s', (...[period, now, start, end]) => {
  expect(new Date(periodStart(period, at(now)))).toEqual(new Date(start))
  expect(new Date(nextPeriodStart(period, at(now)) ?? 0)).toEqual(new Date(end))
})

it('a total never begins anew', () => {
  expect([periodStart('total', at('2026-01-01')), nextPeriodStart('total', 0)]).toEqual([
    0,
    undefined,
  ])
})

it.each(BUDGET_PERIODS)('every moment is in one %s', (period) => {
  for (let now = at('2026-01-01'); now < at('2026-03-01'); now += 4_567_891) {
    const start = periodStart(period, now)
    expect(start).toBeLessThanOrEqual(now)
    expect(periodStart(period, start)).toBe(start)
    expect(nextPeriodStart(period, now) ?? Infinity).toBeGreaterThan(now)
  }
})
