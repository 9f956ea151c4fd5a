// The life of an attempt in the database: begun with what it reserves, checked now and then, settled once.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import type { AppliedBudget } from '../../ledger/budget.ts'
import type { Begun, Checkpoint, Opening, Settled, Settlement } from '../../ledger/ledger.ts'
import { compact } from '../../canonical/compact.ts'
import type { Operation, Steps } from '../operation.ts'
import { numberIn, textIn } from '../row.ts'
import { appliedIn } from './budgets-text.ts'
import { BudgetPage } from './budget-page.ts'
import { type BudgetCount, IN_ROWS } from './budget-rows.ts'
import { type Said, entry, newEntry, tagged, twoEntries } from './rows.ts'

export interface Beginning {
  readonly opening: Opening
  /** The gateway whose attempt it is. */
  readonly holder: string
}

/** All budgets in the order of their ids, so that no two gateways wait for each other. */
export const beginAttempt: Operation<Beginning, Begun> = {
  name: 'ledger/begin',
  steps: (beginning) => begun(beginning, IN_ROWS),
  together: (all) => onOnePage(all, begun),
}

/** With each budget read once and written once. */
function* onOnePage<Args, Result>(
  all: readonly Args[],
  each: (args: Args, budgets: BudgetCount) => Steps<Result>,
): Steps<readonly Result[]> {
  const page = new BudgetPage()
  const results: Result[] = []
  for (const one of all) results.push(yield* each(one, page))
  yield* page.write()
  return results
}

function* begun({ opening, holder }: Beginning, counted: BudgetCount): Steps<Begun> {
  const { reserveNano } = opening
  const budgets = sorted(opening.budgets)
  const standings: BudgetStanding[] = []
  for (const budget of budgets) {
    const standing = yield* counted.reserve(budget, reserveNano)
    if (standing !== undefined) {
      standings.push(standing)
      continue
    }
    const back = { spentNano: 0, releasedNano: reserveNano }
    for (const taken of budgets.slice(0, standings.length)) yield* counted.count(taken, back)
    return { granted: false, refused: budget, standing: yield* counted.look(budget) }
  }
  yield* dispatched({ opening, holder }, reserveNano)
  return { granted: true, standings }
}

/** What was made while the database was lost, and so has reserved nothing. False where it is known, begun or ended. */
export const beginAgain: Operation<Beginning, boolean> = {
  name: 'ledger/begin-again',
  *steps({ opening, holder }) {
    const [known] = yield {
      sql: 'SELECT kind FROM ledger WHERE attempt_id = $1 LIMIT 1',
      values: [opening.attemptId],
    }
    if (known !== undefined) return false
    yield entry(opening, dispatchOf(opening))
    yield* opened({ opening, holder }, 0)
    return true
  },
}

function* dispatched({ opening, holder }: Beginning, reservedNano: number): Steps<void> {
  const { at, budgets } = opening
  const dispatch = dispatchOf(opening)
  if (budgets.length === 0) yield entry(opening, dispatch)
  else yield twoEntries(opening, { kind: 'reserve', at, nanoUsd: reservedNano }, dispatch)
  yield* opened({ opening, holder }, reservedNano)
}

function dispatchOf({ at, inputTokens }: Opening): Said {
  return { kind: 'dispatch', at, tokens: { input: inputTokens } }
}

function* opened({ opening, holder }: Beginning, reservedNano: number): Steps<void> {
  const { attemptId, inputTokens, inputNano = null } = opening
  yield* tagged(opening)
  const budgets = JSON.stringify(sorted(opening.budgets))
  yield {
    sql: `INSERT INTO open_attempts (attempt_id, holder, reserved_nano, budgets, input_tokens, output_tokens, nano_usd)
      VALUES ($1, $2, $3, $4, $5, 0, $6)`,
    values: [attemptId, holder, reservedNano, budgets, inputTokens, inputNano],
  }
}

export const checkAttempts: Operation<readonly Checkpoint[], void> = {
  name: 'ledger/checkpoint',
  *steps(checkpoints) {
    for (const { attemptId, outputTokens, nanoUsd } of checkpoints) {
      yield {
        sql: 'UPDATE open_attempts SET output_tokens = $2, nano_usd = COALESCE($3, nano_usd) WHERE attempt_id = $1',
        values: [attemptId, outputTokens, nanoUsd ?? null],
      }
    }
  },
}

/** Whoever takes the attempt out of the open ones settles it; who comes after that corrects a guess, or is told that it is known. */
export const settleAttempt: Operation<Settlement, Settled> = {
  name: 'ledger/settle',
  steps: (settlement) => settled(settlement, IN_ROWS),
  together: (all) => onOnePage(all, settled),
}

function* settled(settlement: Settlement, counted: BudgetCount): Steps<Settled> {
  const [open] = yield {
    sql: 'DELETE FROM open_attempts WHERE attempt_id = $1 RETURNING reserved_nano, budgets',
    values: [settlement.attemptId],
  }
  const [added] = yield newEntry(settlement, { kind: 'settle', ...said(settlement) })
  if (added === undefined) return yield* corrected(settlement, counted)
  yield* tagged(settlement)
  const { operatorNano } = settlement
  if (operatorNano !== undefined) yield operators(settlement, operatorNano)
  const budgets = open === undefined ? settlement.budgets : appliedIn(textIn(open, 'budgets'))
  const releasedNano = open === undefined ? 0 : numberIn(open, 'reserved_nano')
  const standings: BudgetStanding[] = []
  for (const budget of sorted(budgets)) {
    const operator = budget.scope === 'installation' ? (operatorNano ?? 0) : 0
    const spentNano = (settlement.nanoUsd ?? 0) + operator
    standings.push(yield* counted.count(budget, { spentNano, releasedNano }))
  }
  return { how: 'settled', standings }
}

/** An attempt that may have been begun, of which nobody was asked: it is settled where it is open, and else never was. */
export const annulAttempt: Operation<Settlement, void> = {
  name: 'ledger/annul',
  *steps(settlement) {
    const [open] = yield {
      sql: 'SELECT attempt_id FROM open_attempts WHERE attempt_id = $1',
      values: [settlement.attemptId],
    }
    if (open !== undefined) yield* settleAttempt.steps(settlement)
  },
}

/** What a gateway settled that was thought to be dead: the difference to the guess, once. */
function* corrected(settlement: Settlement, counted: BudgetCount): Steps<Settled> {
  const { source, tokens } = settlement
  const [before = {}] = yield {
    sql: `SELECT source, COALESCE(nano_usd, 0) AS nano_usd, COALESCE(input_tokens, 0) AS input_tokens,
      COALESCE(output_tokens, 0) AS output_tokens FROM ledger WHERE attempt_id = $1 AND kind = 'settle'`,
    values: [settlement.attemptId],
  }
  if (before['source'] !== 'crash_estimate' || source === 'crash_estimate') {
    return { how: 'known', standings: [] }
  }
  const delta = (settlement.nanoUsd ?? 0) - numberIn(before, 'nano_usd')
  const [added] = yield newEntry(settlement, {
    ...said(settlement),
    kind: 'adjust',
    nanoUsd: delta,
    tokens: compact({
      ...tokens,
      input: less(tokens.input, numberIn(before, 'input_tokens')),
      output: less(tokens.output, numberIn(before, 'output_tokens')),
    }),
  })
  if (added === undefined) return { how: 'known', standings: [] }
  const standings: BudgetStanding[] = []
  for (const budget of sorted(settlement.budgets)) {
    standings.push(yield* counted.count(budget, { spentNano: delta, releasedNano: 0 }))
  }
  return { how: 'adjusted', standings }
}

function less(now: number | undefined, before: number): number | undefined {
  return now === undefined ? undefined : now - before
}

/** Nobody's call: what the operator pays. */
function operators(settlement: Settlement, nanoUsd: number): ReturnType<typeof entry> {
  const { caller: _, team: __, parents: ___, ...labels } = settlement
  const { at, endedAt } = settlement
  const status = 'hedge_lost'
  return entry(labels, {
    kind: 'hedge_loser',
    at: endedAt,
    countedAt: at,
    nanoUsd,
    source: 'estimate',
    status,
  })
}

function said(settlement: Settlement): Omit<Said, 'kind'> {
  const { endedAt, at, tokens, nanoUsd, source, status, errorKind, latencyMs } = settlement
  return { at: endedAt, countedAt: at, tokens, nanoUsd, source, status, errorKind, latencyMs }
}

function sorted(budgets: readonly AppliedBudget[]): readonly AppliedBudget[] {
  if (budgets.length < 2) return budgets
  return budgets.toSorted((one, other) => (one.id < other.id ? -1 : 1))
}
