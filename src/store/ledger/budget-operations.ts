// How budgets stand.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import type { AppliedBudget } from '../../ledger/budget.ts'
import type { Operation } from '../operation.ts'
import { look, standing } from './rows.ts'

/** Of each, in the period that it is asked for. */
export const lookAtBudgets: Operation<readonly AppliedBudget[], readonly BudgetStanding[]> = {
  name: 'budgets/look',
  reads: true,
  *steps(budgets) {
    const found: BudgetStanding[] = []
    for (const budget of budgets) found.push(yield* look(budget))
    return found
  },
}

export interface StandingPage {
  /** Periods that began since, and those that never end. */
  readonly since: number
  /** Ids that come after this one. */
  readonly after: string
  readonly limit: number
}

/** Of every budget that has been counted into, in periods that began since. */
export const listBudgets: Operation<StandingPage, readonly BudgetStanding[]> = {
  name: 'budgets/list',
  reads: true,
  *steps({ since, after, limit }) {
    const rows = yield {
      sql: 'SELECT * FROM budgets WHERE id > $1 AND (starts_at >= $2 OR starts_at = 0) ORDER BY id, starts_at LIMIT $3',
      values: [after, since, limit],
    }
    return rows.map(standing)
  },
}
