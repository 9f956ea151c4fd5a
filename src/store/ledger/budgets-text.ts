// The budgets of an open attempt, as they stand in its row.
import { type AppliedBudget, periodOf, scopeOf } from '../../ledger/budget.ts'
import { type Json, ObjectReader, parseJson } from '../../wire/json.ts'

/** Calls of one key have the same budgets, and each of them has the text. */
const KNOWN = new Map<string, readonly AppliedBudget[]>()
const MOST_KNOWN = 100

export function appliedIn(text: string): readonly AppliedBudget[] {
  const known = KNOWN.get(text)
  if (known !== undefined) return known
  const applied = read(text)
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear()
  KNOWN.set(text, applied)
  return applied
}

function read(text: string): readonly AppliedBudget[] {
  const list = parseJson(text)
  if (!Array.isArray(list)) throw new TypeError('an open attempt has no list of budgets')
  return list.map((one: Json) => applied(one))
}

function applied(value: Json): AppliedBudget {
  const budget = ObjectReader.of(value, 'budgets')
  return {
    id: budget.string('id'),
    scope: scopeOf(budget.string('scope')),
    subject: budget.string('subject'),
    period: periodOf(budget.string('period')),
    startsAt: budget.number('startsAt'),
    limitNano: budget.number('limitNano'),
    hard: budget.optionalBoolean('hard') === true,
  }
}
