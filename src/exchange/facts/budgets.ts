// Money as facts: how budgets stand, whom they refused, and how what is written of it fares.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'

/** A budget was reserved of, or a call that counts into it has ended. */
interface BudgetChanged {
  readonly type: 'budget-changed'
  /** The request id. */
  readonly id: string
  readonly standing: BudgetStanding
}

/** A budget had no room for what a call may cost. */
interface BudgetRefused {
  readonly type: 'budget-refused'
  readonly id: string
  readonly standing: BudgetStanding
  /** What it may cost. */
  readonly neededNano: number
}

/** A call has used more than was reserved for it, and its budget has less room than none. */
interface BudgetOverspent {
  readonly type: 'budget-overspent'
  readonly id: string
  readonly standing: BudgetStanding
  readonly nanoUsd: number
}

/** A call that a budget counts would have gone to a model whose price nobody knows. */
interface PriceMissing {
  readonly type: 'price-missing'
  readonly id: string
  readonly provider: string
  readonly model: string
}

/** An attempt was written into the ledger as over. */
interface AttemptSettled {
  readonly type: 'attempt-settled'
  readonly id: string
  readonly source: string
  readonly how: 'settled' | 'adjusted' | 'known'
  readonly nanoUsd?: number
}

/** Something could not be written into the ledger's database. */
interface LedgerFailed {
  readonly type: 'ledger-failed'
  /** `store_unavailable`, `store_full`, `store_read_only`, `store_busy` ... */
  readonly reason: string
  /** What becomes of it: it is kept in a file until the database is back, the call is refused, or nothing more can be done. */
  readonly outcome: 'kept' | 'refused' | 'lost'
}

/** What was kept in files while the database was lost is in it now. */
interface LedgerReplayed {
  readonly type: 'ledger-replayed'
  readonly records: number
  /** Of these, how many it had already. */
  readonly known: number
}

/** What a gateway that died had left open was settled by guess. */
interface LedgerRecovered {
  readonly type: 'ledger-recovered'
  readonly attempts: number
}

export type BudgetFact =
  | AttemptSettled
  | BudgetChanged
  | BudgetOverspent
  | BudgetRefused
  | LedgerFailed
  | LedgerRecovered
  | LedgerReplayed
  | PriceMissing
