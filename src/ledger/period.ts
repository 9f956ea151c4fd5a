// When the period of a budget begins that a moment is in, and when the next one does; in UTC, weeks from Monday on.
import type { BudgetPeriod } from '../canonical/budget-standing.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const WEEK = 7 * DAY
/** The first of January 1970 was a Thursday. */
const FIRST_MONDAY = 4 * DAY

/** Milliseconds since 1970; 0 for `total`. */
export function periodStart(period: BudgetPeriod, now: number): number {
  switch (period) {
    case 'hour':
      return now - (now % HOUR)
    case 'day':
      return now - (now % DAY)
    case 'week':
      return now - ((now - FIRST_MONDAY) % WEEK)
    case 'month':
      return monthStart(now, 0)
    case 'total':
      return 0
  }
}

/** Undefined of what never begins anew. */
export function nextPeriodStart(period: BudgetPeriod, now: number): number | undefined {
  switch (period) {
    case 'hour':
      return periodStart(period, now) + HOUR
    case 'day':
      return periodStart(period, now) + DAY
    case 'week':
      return periodStart(period, now) + WEEK
    case 'month':
      return monthStart(now, 1)
    case 'total':
      return undefined
  }
}

function monthStart(now: number, later: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1)
}
