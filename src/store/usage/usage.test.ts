// Questions about usage, in SQLite in memory; test/real asks them of PostgreSQL.
import { openDatabase } from '../open-database.ts'
import { usageContract } from './usage.contract.ts'

usageContract({
  name: 'SQLite in memory',
  open: async () => openDatabase({ durability: 'strict', now: () => 1, url: 'memory:', file: '' }),
})
