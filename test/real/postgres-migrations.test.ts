// How tables come up to date in a real PostgreSQL, also where several gateways begin at once.
import { afterAll, describe } from 'vitest'
import { migrationContract } from '../../src/store/migrations.contract.ts'
import { PostgresDatabase } from '../../src/store/postgres/postgres-database.ts'
import { postgresServer } from './postgres-server.ts'

const { value: server, reason } = await postgresServer()

describe.skipIf(server === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterAll(async () => server?.close())

    migrationContract({
      name: 'PostgreSQL',
      place: async () => {
        const url = (await server?.database()) ?? ''
        return {
          open: async (migrations) =>
            PostgresDatabase.open({
              url,
              now: 1,
              ...(migrations === undefined ? {} : { migrations }),
            }),
        }
      },
      columns: `SELECT CAST(table_name AS text) AS "table", CAST(column_name AS text) AS name, CAST(data_type AS text) AS type
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
    })
  },
)
