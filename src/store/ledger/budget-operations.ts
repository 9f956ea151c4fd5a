// How budgets stand.
import type { BudgetPeriod, BudgetStanding } from '../../canonical/budget-standing.ts'
import type { AppliedBudget } from '../../ledger/budget.ts'
import type { Operation } from '../operation.ts'
import { look, standing } from './budget-rows.ts'

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
  /** When the present period of each length began. */
  readonly starts: readonly (readonly [BudgetPeriod, number])[]
  /** Ids that come after this one. */
  readonly after: string
  readonly limit: number
}

/** Of every budget that has been counted into in its present period, by id. */
export const listBudgets: Operation<StandingPage, readonly BudgetStanding[]> = {
  name: 'budgets/list',
  reads: true,
  *steps({ starts, after, limit }) {
    const present = starts.map(
      (_, at) => `(period = $${at * 2 + 3} AND starts_at = $${at * 2 + 4})`,
    )
    const rows = yield {
      sql: `SELECT * FROM budgets WHERE id > $1 AND (${present.join(' OR ')}) ORDER BY id LIMIT $2`,
      values: [after, limit, ...starts.flat()],
    }
    return rows.map(standing)
  },
}
