// The audit log in a real PostgreSQL keeps the contract, also where two gateways write it at once.
import { afterAll, describe } from 'vitest'
import { auditLogContract } from '../../src/store/audit/audit-log.contract.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { postgresServer } from './postgres-server.ts'

const { value: server, reason } = await postgresServer()

describe.skipIf(server === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterAll(async () => server?.close())

    auditLogContract({
      name: 'PostgreSQL',
      open: async () => {
        const url = (await server?.database()) ?? ''
        return openDatabase({ url, file: '', durability: 'strict', now: () => 1 })
      },
    })
  },
)
