// The ledger keeps its contract in a real PostgreSQL.
import { afterAll, describe } from 'vitest'
import { ledgerContract } from '../../src/store/ledger/ledger.contract.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { postgresServer } from './postgres-server.ts'

const { value: server, reason } = await postgresServer()

describe.skipIf(server === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterAll(async () => server?.close())

    ledgerContract({
      name: 'PostgreSQL',
      open: async () => {
        const url = (await server?.database()) ?? ''
        return openDatabase({ url, file: '', durability: 'strict', now: () => 1 })
      },
    })
  },
)
