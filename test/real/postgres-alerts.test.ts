// Alerts and kept texts are the same in a real PostgreSQL.
import { afterAll, describe } from 'vitest'
import { alertsAndContentsContract } from '../../src/store/alerts/alerts-and-contents.contract.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { postgresServer } from './postgres-server.ts'

const { value: server, reason } = await postgresServer()

describe.skipIf(server === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterAll(async () => server?.close())

    alertsAndContentsContract({
      name: 'PostgreSQL',
      open: async () => {
        const url = (await server?.database()) ?? ''
        return openDatabase({ url, file: '', durability: 'strict', now: () => 1 })
      },
    })
  },
)
