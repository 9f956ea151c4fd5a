// The ledger in the database.
import type {
  Begun,
  Checkpoint,
  Ledger,
  Opening,
  Settled,
  Settlement,
} from '../../ledger/ledger.ts'
import { lookAtBudgets } from './budget-operations.ts'
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import type { AppliedBudget } from '../../ledger/budget.ts'
import type { Database } from '../operation.ts'
import {
  annulAttempt,
  beginAgain,
  beginAttempt,
  checkAttempts,
  settleAttempt,
} from './attempt-operations.ts'
import { deserted, leaveHolder, livingHolders, renewHolder } from './recovery-operations.ts'

export interface StoredLedgerOptions {
  readonly database: Database
  /** This gateway, unlike any other and any of its own earlier lives. */
  readonly holder: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds without a sign of life after which a gateway counts as dead. */
  readonly leaseMs: number
}

/** Attempts settled in one go. */
const PAGE = 100

export class StoredLedger implements Ledger {
  readonly #options: StoredLedgerOptions

  constructor(options: StoredLedgerOptions) {
    this.#options = options
  }

  begin(opening: Opening): Promise<Begun> {
    const { database, holder } = this.#options
    return database.run(beginAttempt, { opening, holder })
  }

  /** What was begun while the database was lost. False where it knew that, or the end of it. */
  beginAgain(opening: Opening, holder: string = this.#options.holder): Promise<boolean> {
    return this.#options.database.run(beginAgain, { opening, holder })
  }

  async checkpoint(checkpoints: readonly Checkpoint[]): Promise<void> {
    if (checkpoints.length > 0) await this.#options.database.run(checkAttempts, checkpoints)
  }

  settle(settlement: Settlement): Promise<Settled> {
    return this.#options.database.run(settleAttempt, settlement)
  }

  stand(budgets: readonly AppliedBudget[]): Promise<readonly BudgetStanding[]> {
    return this.#options.database.run(lookAtBudgets, budgets)
  }

  /** Of an attempt that was never made, whose beginning may or may not have been written. */
  async annul(settlement: Settlement): Promise<void> {
    await this.#options.database.run(annulAttempt, settlement)
  }

  /** Says that this gateway lives. */
  async renew(): Promise<void> {
    const { database, holder, now, leaseMs } = this.#options
    await database.run(renewHolder, { holder, expiresAt: now() + leaseMs })
  }

  /** The gateways that are heard of. */
  living(): Promise<readonly string[]> {
    const { database, now } = this.#options
    return database.run(livingHolders, { now: now() })
  }

  /** Settles what dead gateways have left open. Gives how many. */
  async recover(): Promise<number> {
    const { database, now } = this.#options
    let settled = 0
    for (;;) {
      const left = await database.run(deserted, { now: now(), limit: PAGE })
      for (const one of left) {
        const { how } = await this.settle(one)
        if (how === 'settled') settled += 1
      }
      if (left.length < PAGE) return settled
    }
  }

  /** Ends well. The database is not its own to close. */
  async close(): Promise<void> {
    const { database, holder } = this.#options
    await database.run(leaveHolder, { holder })
  }
}
