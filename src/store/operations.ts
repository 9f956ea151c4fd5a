// Every operation by its name: how another thread finds the one that it is asked for.
import { appendAudit, listAudit, readAuditHead } from './audit/operations.ts'
import {
  lastChange,
  listChanges,
  listDocuments,
  readDocument,
  writeDocuments,
} from './documents/operations.ts'
import type { Operation } from './operation.ts'

const all: readonly Operation<unknown, unknown>[] = [
  appendAudit,
  listAudit,
  readAuditHead,
  lastChange,
  listChanges,
  listDocuments,
  readDocument,
  writeDocuments,
]

export const OPERATIONS: ReadonlyMap<string, Operation<unknown, unknown>> = new Map(
  all.map((operation) => [operation.name, operation]),
)
