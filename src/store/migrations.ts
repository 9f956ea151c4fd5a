// How the tables came to be, the oldest first; what has been released is never changed.
import { alertAndContentTables } from './alerts/tables.ts'
import { answerTables } from './answers/tables.ts'
import { auditTables } from './audit/tables.ts'
import { documentTables } from './documents/tables.ts'
import { leanLedger, ledgerTables } from './ledger/tables.ts'
import type { Migration } from './migration.ts'

export const MIGRATIONS: readonly Migration[] = [
  documentTables,
  auditTables,
  ledgerTables,
  alertAndContentTables,
  answerTables,
  leanLedger,
]
