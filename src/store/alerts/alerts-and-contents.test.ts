// Alerts and kept texts, in SQLite in memory; test/real has them in PostgreSQL.
import { openDatabase } from '../open-database.ts'
import { alertsAndContentsContract } from './alerts-and-contents.contract.ts'

alertsAndContentsContract({
  name: 'SQLite in memory',
  open: async () => openDatabase({ durability: 'strict', now: () => 1, url: 'memory:', file: '' }),
})
