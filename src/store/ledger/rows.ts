// The rows of the ledger: how one is added, and how budgets are counted up and down.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import { type AppliedBudget, MOST_NANO, periodOf, scopeOf } from '../../ledger/budget.ts'
import type { AttemptLabels, Settlement, UsedTokens } from '../../ledger/ledger.ts'
import type { Row, Statement, Steps, Value } from '../operation.ts'
import { numberIn, textIn } from '../row.ts'

type EntryKind = 'reserve' | 'dispatch' | 'settle' | 'adjust' | 'hedge_loser'

/** What an entry says besides for whom it is. */
export interface Said {
  readonly kind: EntryKind
  readonly at: number
  /** Absent of what is no use yet. */
  readonly countedAt?: number
  readonly tokens?: UsedTokens
  readonly nanoUsd?: number
  readonly source?: Settlement['source']
  readonly status?: Settlement['status']
  readonly errorKind?: string
  readonly latencyMs?: number
}

const COLUMNS = [
  'attempt_id',
  'kind',
  'call_id',
  'at',
  'counted_at',
  'operation',
  'caller',
  'team',
  'parents',
  'route',
  'provider',
  'model',
  'credential',
  'price',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'nano_usd',
  'source',
  'status',
  'error_kind',
  'latency_ms',
] as const

const INSERT = `INSERT INTO ledger (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map((_, at) => `$${at + 1}`).join(', ')})
  ON CONFLICT (attempt_id, kind) DO NOTHING RETURNING kind`

/** Gives a row where it is new. */
export function entry(labels: AttemptLabels, said: Said): Statement {
  const { parents } = labels
  const { tokens = {} } = said
  const values: readonly (Value | undefined)[] = [
    labels.attemptId,
    said.kind,
    labels.callId,
    said.at,
    said.countedAt,
    labels.operation,
    labels.caller,
    labels.team,
    parents === undefined || parents.length === 0 ? undefined : JSON.stringify(parents),
    labels.route,
    labels.provider,
    labels.model,
    labels.credential,
    labels.price,
    tokens.input,
    tokens.cacheRead,
    tokens.cacheWrite,
    tokens.output,
    tokens.reasoning,
    said.nanoUsd,
    said.source,
    said.status,
    said.errorKind,
    said.latencyMs,
  ]
  return { sql: INSERT, values: values.map((value) => value ?? null) }
}

export function* tagged({ attemptId, tags = {} }: AttemptLabels): Steps<void> {
  for (const [name, value] of Object.entries(tags)) {
    yield {
      sql: 'INSERT INTO ledger_tags (attempt_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (attempt_id, name) DO NOTHING',
      values: [attemptId, name, value],
    }
  }
}

const STANDING = 'id, starts_at, scope, subject, period, limit_nano, spent_nano, reserved_nano'

/** Reserves where there is room, or where the budget is soft. Undefined: there is none. */
export function* reserve(budget: AppliedBudget, nano: number): Steps<BudgetStanding | undefined> {
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
export function* count(
  budget: AppliedBudget,
  { spentNano, releasedNano }: Count,
): Steps<BudgetStanding> {
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
  const [row] = yield {
    sql: `SELECT ${STANDING} FROM budgets WHERE id = $1 AND starts_at = $2`,
    values: [budget.id, budget.startsAt],
  }
  return row === undefined
    ? { ...budget, spentNano: 0, reservedNano: 0 }
    : { ...standing(row), limitNano: budget.limitNano }
}

function named({ id, startsAt, scope, subject, period, limitNano }: AppliedBudget): Value[] {
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
