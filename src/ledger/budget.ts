// A budget: so much money in a period, for whom. All amounts are whole billionths of a US dollar.

export const BUDGET_PERIODS = ['hour', 'day', 'week', 'month', 'total'] as const
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number]

export const BUDGET_SCOPES = ['installation', 'route', 'team', 'key'] as const
export type BudgetScope = (typeof BUDGET_SCOPES)[number]

/** One budget that a call counts into, in the period that the call is made in. */
export interface AppliedBudget {
  /** The same for all calls that count into it. */
  readonly id: string
  readonly scope: BudgetScope
  /** The key's or team's public id, the route's name; empty for the installation. */
  readonly subject: string
  readonly period: BudgetPeriod
  /** When the period began, in milliseconds since 1970; 0 for `total`. */
  readonly startsAt: number
  readonly limitNano: number
  /** Nothing is done beyond it. A soft one is only counted, and told of. */
  readonly hard: boolean
}

/** How a budget stands in one of its periods. */
export interface BudgetStanding {
  readonly id: string
  readonly scope: BudgetScope
  readonly subject: string
  readonly period: BudgetPeriod
  readonly startsAt: number
  readonly limitNano: number
  readonly spentNano: number
  /** Held by calls that are not over. */
  readonly reservedNano: number
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
