// The ledger in SQLite in memory; test/real has it in files, in processes and in PostgreSQL.
import { openDatabase } from '../open-database.ts'
import { ledgerContract } from './ledger.contract.ts'

ledgerContract({
  name: 'SQLite in memory',
  open: async () => openDatabase({ durability: 'strict', now: () => 1, url: 'memory:', file: '' }),
})
