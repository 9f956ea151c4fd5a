// Documents in a real PostgreSQL keep the contract, whatever order its collation has.
import { afterAll, describe } from 'vitest'
import { documentsContract } from '../../src/store/documents/documents.contract.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import type { Database } from '../../src/store/operation.ts'
import { postgresServer } from './postgres-server.ts'

const { value: server, reason } = await postgresServer()

const WORDS = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"

async function empty(options?: string): Promise<Database> {
  const url = (await server?.database(options)) ?? ''
  return openDatabase({ url, file: '', durability: 'strict', now: () => 1 })
}

describe.skipIf(server === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterAll(async () => server?.close())

    documentsContract({ name: 'PostgreSQL', open: async () => empty() })
    documentsContract({
      name: 'PostgreSQL with the order of a language',
      open: async () => empty(WORDS),
    })
  },
)
