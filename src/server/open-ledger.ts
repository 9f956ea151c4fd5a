// The ledger of a server and the budgets that it counts, from its configuration and its database.
import { join } from 'node:path'
import { type After, realAfter } from '../canonical/after.ts'
import { compact } from '../canonical/compact.ts'
import { LEASE_MS } from '../config/budget-schema.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import type { Tell } from '../exchange/happening.ts'
import type { LedgerSetup } from '../pipeline/ledger.ts'
import { type Every, realEvery } from '../resilience/limits/lease.ts'
import { KeptLedger } from '../store/ledger/kept-ledger.ts'
import { Spool } from '../store/ledger/spool.ts'
import { StoredLedger } from '../store/ledger/stored-ledger.ts'
import { listBudgets } from '../store/ledger/budget-operations.ts'
import { budgetRoutes } from './routes/budgets.ts'
import type { Route } from './route.ts'
import { BUDGET_PERIODS, type BudgetPeriod } from '../canonical/budget-standing.ts'
import { periodStart } from '../ledger/period.ts'
import { BudgetBook } from './budget-book.ts'
import type { OpenedStore } from './open-store.ts'

export interface OpenedLedger {
  readonly setup: LedgerSetup
  /** Of the admin API. */
  readonly routes: readonly Route[]
  /** Once no call is under way. */
  close(): Promise<void>
}

export interface LedgerSurroundings {
  readonly store: OpenedStore
  /** The configuration in force. */
  readonly inForce: { readonly config: PatchbayConfig }
  readonly now: () => number
  readonly newId: () => string
  readonly tell: Tell
  readonly every?: Every
  readonly after?: After
}

export async function openLedger({
  store: { database, documents },
  inForce,
  now,
  newId,
  tell,
  every = realEvery,
  after = realAfter,
}: LedgerSurroundings): Promise<OpenedLedger> {
  const { dataDir, ledger: options = {} } = inForce.config
  const { leaseMs = LEASE_MS, checkpointMs } = options
  const holder = newId()
  const folder = join(dataDir, 'ledger')
  const ledger = await KeptLedger.open({
    stored: new StoredLedger({ database, holder, now, leaseMs }),
    spool: new Spool(folder, holder),
    folder,
    every,
    after,
    leaseMs,
    tell,
  })
  const configured = (): BudgetBook['rules'] => inForce.config.budgets?.rules ?? []
  const book = new BudgetBook({ configured, now })
  const unfollow = await book.follow(documents)
  const starts = (): readonly (readonly [BudgetPeriod, number])[] =>
    BUDGET_PERIODS.map((period) => [period, periodStart(period, now())] as const)
  const routes = budgetRoutes({
    book,
    documents,
    now,
    standings: async ({ after = '', limit }) =>
      database.run(listBudgets, { starts: starts(), after, limit }),
  })
  return {
    routes,
    setup: {
      ledger,
      budgetsOf: (exchange) => book.budgetsOf(exchange),
      settings: () =>
        compact({
          records: inForce.config.ledger?.records,
          durability: inForce.config.ledger?.durability,
          outputReserve: inForce.config.budgets?.outputReserve,
        }),
      ...compact({ checkpointMs }),
    },
    close: async () => {
      unfollow()
      await ledger.close()
    },
  }
}
