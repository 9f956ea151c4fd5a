// How a budget stands: so much money in a period, for whom. All amounts are whole billionths of a US dollar.

export const BUDGET_PERIODS = ['hour', 'day', 'week', 'month', 'total'] as const
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number]

export const BUDGET_SCOPES = ['installation', 'route', 'team', 'key'] as const
export type BudgetScope = (typeof BUDGET_SCOPES)[number]

/** In one of its periods. */
export interface BudgetStanding {
  /** The same for all calls that count into it. */
  readonly id: string
  readonly scope: BudgetScope
  /** The key's or team's public id, the route's name; empty for the installation. */
  readonly subject: string
  readonly period: BudgetPeriod
  /** When the period began, in milliseconds since 1970; 0 for `total`. */
  readonly startsAt: number
  readonly limitNano: number
  readonly spentNano: number
  /** Held by calls that are not over. */
  readonly reservedNano: number
}
