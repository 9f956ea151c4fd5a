// Every operation by its name: how another thread finds the one that it is asked for.
import { alertOperations } from './alerts/alert-operations.ts'
import { appendAudit, listAudit, readAuditHead } from './audit/operations.ts'
import {
  lastChange,
  listChanges,
  listDocuments,
  readDocument,
  writeDocuments,
} from './documents/operations.ts'
import { ledgerOperations } from './ledger/operations.ts'
import type { Operation } from './operation.ts'
import { usageOperations } from './usage/usage-operations.ts'

const all: readonly Operation<unknown, unknown>[] = [
  appendAudit,
  listAudit,
  readAuditHead,
  lastChange,
  listChanges,
  listDocuments,
  readDocument,
  writeDocuments,
  ...ledgerOperations,
  ...usageOperations,
  ...alertOperations,
]

export const OPERATIONS: ReadonlyMap<string, Operation<unknown, unknown>> = new Map(
  all.map((operation) => [operation.name, operation]),
)
