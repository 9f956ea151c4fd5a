// Budgets that many attempts count into at once: each is read once, counted in memory, and written once. Only for whoever has the database alone meanwhile.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import { type AppliedBudget, MOST_NANO } from '../../ledger/budget.ts'
import type { Steps } from '../operation.ts'
import { type BudgetCount, type Count, untouched, write, written } from './budget-rows.ts'

interface Line {
  standing: BudgetStanding
  /** Whether there is a row of it. */
  isThere: boolean
  isChanged: boolean
}

export class BudgetPage implements BudgetCount {
  readonly #lines = new Map<string, Line>();

  *reserve(budget: AppliedBudget, nano: number): Steps<BudgetStanding | undefined> {
    const { limitNano, hard } = budget
    const line = yield* this.#line(budget)
    const { spentNano, reservedNano } = line.standing
    if (hard && spentNano + reservedNano + nano > limitNano) return undefined
    return changed(line, { limitNano, spentNano, reservedNano: reservedNano + nano })
  }

  *count(budget: AppliedBudget, { spentNano, releasedNano }: Count): Steps<BudgetStanding> {
    const line = yield* this.#line(budget)
    const { limitNano, ...before } = line.standing
    if (!line.isThere) {
      return changed(line, { limitNano, spentNano: Math.max(0, spentNano), reservedNano: 0 })
    }
    const isMost = before.spentNano > MOST_NANO - spentNano
    return changed(line, {
      limitNano,
      spentNano: isMost ? MOST_NANO : before.spentNano + spentNano,
      reservedNano: before.reservedNano - releasedNano,
    })
  }

  *look(budget: AppliedBudget): Steps<BudgetStanding> {
    const { standing } = yield* this.#line(budget)
    return { ...standing, limitNano: budget.limitNano }
  }

  *write(): Steps<void> {
    for (const { standing, isChanged } of this.#lines.values()) {
      if (isChanged) yield write(standing)
    }
  }

  *#line(budget: AppliedBudget): Steps<Line> {
    const name = `${budget.startsAt}/${budget.id}`
    const known = this.#lines.get(name)
    if (known !== undefined) return known
    const found = yield* written(budget)
    const isThere = found !== undefined
    const line: Line = { standing: found ?? untouched(budget), isThere, isChanged: false }
    this.#lines.set(name, line)
    return line
  }
}

type Amounts = Pick<BudgetStanding, 'limitNano' | 'spentNano' | 'reservedNano'>

function changed(line: Line, { limitNano, spentNano, reservedNano }: Amounts): BudgetStanding {
  const { id, scope, subject, period, startsAt } = line.standing
  line.standing = { id, scope, subject, period, startsAt, limitNano, spentNano, reservedNano }
  line.isThere = true
  line.isChanged = true
  return line.standing
}
