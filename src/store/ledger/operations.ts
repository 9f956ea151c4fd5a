// The operations of the ledger and its budgets.
import type { Operation } from '../operation.ts'
import { annulAttempt, beginAttempt, checkAttempts, settleAttempt } from './attempt-operations.ts'
import { listBudgets, lookAtBudgets } from './budget-operations.ts'
import { deserted, leaveHolder, renewHolder } from './recovery-operations.ts'

export const ledgerOperations: readonly Operation<unknown, unknown>[] = [
  annulAttempt,
  beginAttempt,
  checkAttempts,
  deserted,
  leaveHolder,
  listBudgets,
  lookAtBudgets,
  renewHolder,
  settleAttempt,
]
