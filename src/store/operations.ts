// Every operation by its name: how another thread finds the one that it is asked for.
import { alertOperations } from './alerts/alert-operations.ts'
import { contentOperations } from './contents/content-operations.ts'
import {
  findAnswer,
  forgetAnswers,
  goOnFrom,
  goOnFromItem,
  putAnswer,
  removeAnswer,
} from './answers/operations.ts'
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
  findAnswer,
  forgetAnswers,
  goOnFrom,
  goOnFromItem,
  putAnswer,
  removeAnswer,
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
  ...contentOperations,
]

export const OPERATIONS: ReadonlyMap<string, Operation<unknown, unknown>> = new Map(
  all.map((operation) => [operation.name, operation]),
)
