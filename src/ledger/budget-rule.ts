// The budgets of a configuration, and which of them a call counts into.
import type { BudgetPeriod, BudgetScope } from '../canonical/budget-standing.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { AppliedBudget } from './budget.ts'
import { periodStart } from './period.ts'

export interface BudgetRule {
  /** Unlike that of any other: what is spent is counted under it. */
  readonly id: string
  readonly scope: BudgetScope
  /**
   * The key's public id (`anonymous` for callers without a key), the team's, or the route's name; `*` at the end stands for
   * any rest. Absent: every one, each with a budget of its own.
   */
  readonly of?: string
  readonly limitNano: number
  readonly period: BudgetPeriod
  /** Whether calls that may go beyond it are refused, or only counted. */
  readonly hard: boolean
}

/** Callers without a key: nothing tells them apart. */
const ANONYMOUS = 'anonymous'

/** A key's use is that of the keys that it was made under, too. `now`: milliseconds since 1970. */
export function appliedBudgets(
  rules: Iterable<BudgetRule>,
  exchange: Exchange,
  now: number,
): readonly AppliedBudget[] {
  const found: AppliedBudget[] = []
  for (const rule of rules) {
    for (const subject of subjectsOf(rule.scope, exchange)) {
      if (matches(rule.of, subject)) found.push(applied(rule, subject, now))
    }
  }
  return found
}

const NONE: readonly AppliedBudget[] = []
const ALL_TOGETHER: readonly string[] = ['']

/** What the caller's key, the keys that it was made under and their team say of themselves. */
export function allowedBudgets({ account = {} }: Exchange, now: number): readonly AppliedBudget[] {
  const { allowances } = account
  if (allowances?.some(({ budgets = NONE }) => budgets.length > 0) !== true) return NONE
  return allowances.flatMap(({ scope, id: subject, budgets = [] }) =>
    budgets.map(({ nanoUsd: limitNano, period, hard }) => {
      const id = `${scope}_record:${period}:${hard ? 'hard' : 'soft'}`
      return applied({ id, scope, limitNano, period, hard }, subject, now)
    }),
  )
}

/** One budget of a rule. */
function applied(
  { id, scope, limitNano, period, hard }: BudgetRule,
  subject: string,
  now: number,
): AppliedBudget {
  const startsAt = periodStart(period, now)
  return { id: `${id}/${subject}`, scope, subject, period, startsAt, limitNano, hard }
}

function subjectsOf(scope: BudgetScope, exchange: Exchange): readonly string[] {
  const { caller = ANONYMOUS, account = {}, choice } = exchange
  switch (scope) {
    case 'installation':
      return ALL_TOGETHER
    case 'route':
      return choice === undefined ? [] : [choice.route]
    case 'team':
      return account.team === undefined ? [] : [account.team]
    case 'key':
      return account.parents === undefined ? [caller] : [...new Set([caller, ...account.parents])]
  }
}

function matches(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
