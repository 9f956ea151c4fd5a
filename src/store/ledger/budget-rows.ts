// The rows of budgets: how they are counted up and down.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import { type AppliedBudget, MOST_NANO, periodOf, scopeOf } from '../../ledger/budget.ts'
import type { Row, Statement, Steps, Value } from '../operation.ts'
import { numberIn, textIn } from '../row.ts'

const STANDING = 'id, starts_at, scope, subject, period, limit_nano, spent_nano, reserved_nano'

/** Reserves where there is room, or where the budget is soft. Undefined: there is none. */
function* reserve(budget: AppliedBudget, nano: number): Steps<BudgetStanding | undefined> {
  const { limitNano, hard } = budget
  if (hard && nano > limitNano) return undefined
  const [row] = yield {
    sql: `INSERT INTO budgets (${STANDING}) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)
      ON CONFLICT (id, starts_at) DO UPDATE SET limit_nano = excluded.limit_nano, reserved_nano = budgets.reserved_nano + excluded.reserved_nano
      ${hard ? 'WHERE budgets.spent_nano + budgets.reserved_nano + excluded.reserved_nano <= excluded.limit_nano' : ''}
      RETURNING ${STANDING}`,
    values: [...named(budget), nano],
  }
  return row === undefined ? undefined : standing(row)
}

/** What is counted up in a budget, and what is let go of. */
export interface Count {
  readonly spentNano: number
  readonly releasedNano: number
}

/** Whatever its limit: what is done is done. */
function* count(budget: AppliedBudget, { spentNano, releasedNano }: Count): Steps<BudgetStanding> {
  const [row] = yield {
    sql: `INSERT INTO budgets (${STANDING}) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
      ON CONFLICT (id, starts_at) DO UPDATE SET
      spent_nano = CASE WHEN budgets.spent_nano > ${MOST_NANO} - $8 THEN ${MOST_NANO} ELSE budgets.spent_nano + $8 END,
      reserved_nano = budgets.reserved_nano - $9
      RETURNING ${STANDING}`,
    values: [...named(budget), Math.max(0, spentNano), spentNano, releasedNano],
  }
  if (row === undefined) throw new Error('a budget that was written is not there')
  return standing(row)
}

/** How it stands; as untouched where nothing was counted yet. */
export function* look(budget: AppliedBudget): Steps<BudgetStanding> {
  const found = yield* written(budget)
  return found === undefined ? untouched(budget) : { ...found, limitNano: budget.limitNano }
}

export function untouched({
  id,
  scope,
  subject,
  period,
  startsAt,
  limitNano,
}: AppliedBudget): BudgetStanding {
  return { id, scope, subject, period, startsAt, limitNano, spentNano: 0, reservedNano: 0 }
}

/** Its row; undefined where nothing was counted yet. */
export function* written({ id, startsAt }: AppliedBudget): Steps<BudgetStanding | undefined> {
  const [row] = yield {
    sql: `SELECT ${STANDING} FROM budgets WHERE id = $1 AND starts_at = $2`,
    values: [id, startsAt],
  }
  return row === undefined ? undefined : standing(row)
}

/** As it stands, whatever was there: for who knows that nobody else has counted meanwhile. */
export function write({ spentNano, reservedNano, ...budget }: BudgetStanding): Statement {
  return {
    sql: `INSERT INTO budgets (${STANDING}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      ON CONFLICT (id, starts_at) DO UPDATE SET
      limit_nano = excluded.limit_nano, spent_nano = excluded.spent_nano, reserved_nano = excluded.reserved_nano`,
    values: [...named(budget), spentNano, reservedNano],
  }
}

function named({
  id,
  startsAt,
  scope,
  subject,
  period,
  limitNano,
}: Omit<BudgetStanding, 'spentNano' | 'reservedNano'>): Value[] {
  return [id, startsAt, scope, subject, period, limitNano]
}

export function standing(row: Row): BudgetStanding {
  return {
    id: textIn(row, 'id'),
    startsAt: numberIn(row, 'starts_at'),
    scope: scopeOf(textIn(row, 'scope')),
    subject: textIn(row, 'subject'),
    period: periodOf(textIn(row, 'period')),
    limitNano: numberIn(row, 'limit_nano'),
    spentNano: numberIn(row, 'spent_nano'),
    reservedNano: numberIn(row, 'reserved_nano'),
  }
}

/** Where budgets are counted. */
export interface BudgetCount {
  /** Undefined: there is no room. */
  reserve(budget: AppliedBudget, nano: number): Steps<BudgetStanding | undefined>
  count(budget: AppliedBudget, count: Count): Steps<BudgetStanding>
  look(budget: AppliedBudget): Steps<BudgetStanding>
}

/** In their rows, one by one: others may count at the same time. */
export const IN_ROWS: BudgetCount = { reserve, count, look }
