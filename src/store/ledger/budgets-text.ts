// The budgets of an open attempt, as they stand in its row.
import { type AppliedBudget, periodOf, scopeOf } from '../../ledger/budget.ts'
import { type Json, isObject, parseJson } from '../../wire/json.ts'

export function appliedIn(text: string): readonly AppliedBudget[] {
  const list = parseJson(text)
  if (!Array.isArray(list)) throw new TypeError('an open attempt has no list of budgets')
  return list.map((one: Json) => applied(one))
}

function applied(value: Json): AppliedBudget {
  if (!isObject(value)) throw new TypeError('a budget of an open attempt is no object')
  const { id, scope, subject, period, startsAt, limitNano, hard } = value
  return {
    id: String(id),
    scope: scopeOf(String(scope)),
    subject: String(subject),
    period: periodOf(String(period)),
    startsAt: Number(startsAt),
    limitNano: Number(limitNano),
    hard: hard === true,
  }
}
