// Rows of a vault in memory.
import { MemoryRecords } from './memory-records.ts'
import { secretRecordsContract } from './secret-records.contract.ts'

secretRecordsContract({ name: 'memory', open: async () => new MemoryRecords() })
