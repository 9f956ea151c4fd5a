// The operations of the ledger and its budgets.
import type { Operation } from '../operation.ts'
import {
  annulAttempt,
  beginAgain,
  beginAttempt,
  checkAttempts,
  settleAttempt,
} from './attempt-operations.ts'
import { listBudgets, lookAtBudgets } from './budget-operations.ts'
import { deserted, leaveHolder, livingHolders, renewHolder } from './recovery-operations.ts'

export const ledgerOperations: readonly Operation<unknown, unknown>[] = [
  annulAttempt,
  beginAgain,
  beginAttempt,
  checkAttempts,
  deserted,
  leaveHolder,
  listBudgets,
  livingHolders,
  lookAtBudgets,
  renewHolder,
  settleAttempt,
]
