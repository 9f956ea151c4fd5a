// A budget as a call counts into it.
import {
  BUDGET_PERIODS,
  BUDGET_SCOPES,
  type BudgetPeriod,
  type BudgetScope,
  type BudgetStanding,
} from '../canonical/budget-standing.ts'

/** In the period that the call is made in. */
export interface AppliedBudget extends Omit<BudgetStanding, 'spentNano' | 'reservedNano'> {
  /** Nothing is done beyond it. A soft one is only counted, and told of. */
  readonly hard: boolean
}

/** Sums beyond this are no longer whole in JavaScript: about nine million dollars. */
export const MOST_NANO: number = Number.MAX_SAFE_INTEGER

export function scopeOf(text: string): BudgetScope {
  const known = BUDGET_SCOPES.find((scope) => scope === text)
  if (known === undefined) throw new TypeError(`"${text}" is no scope of budgets`)
  return known
}

export function periodOf(text: string): BudgetPeriod {
  const known = BUDGET_PERIODS.find((period) => period === text)
  if (known === undefined) throw new TypeError(`"${text}" is no period of budgets`)
  return known
}
