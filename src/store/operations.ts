// Every operation by its name: how another thread finds the one that it is asked for.
import { listChanges, listDocuments, readDocument, writeDocuments } from './documents/operations.ts'
import {
  annulAttempt,
  beginAttempt,
  checkAttempts,
  settleAttempt,
} from './ledger/attempt-operations.ts'
import { listBudgets, lookAtBudgets } from './ledger/budget-operations.ts'
import { deserted, leaveHolder, renewHolder } from './ledger/recovery-operations.ts'
import type { Operation } from './operation.ts'

const all: readonly Operation<unknown, unknown>[] = [
  annulAttempt,
  beginAttempt,
  checkAttempts,
  deserted,
  leaveHolder,
  listBudgets,
  listChanges,
  listDocuments,
  lookAtBudgets,
  readDocument,
  renewHolder,
  settleAttempt,
  writeDocuments,
]

export const OPERATIONS: ReadonlyMap<string, Operation<unknown, unknown>> = new Map(
  all.map((operation) => [operation.name, operation]),
)
