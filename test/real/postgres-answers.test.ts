// Answers in a real PostgreSQL keep the contract.
import { afterAll, afterEach, describe } from 'vitest'
import { answerStoreContract } from '../../src/store/answer-store.contract.ts'
import { StoredAnswers } from '../../src/store/answers/stored-answers.ts'
import { PostgresDatabase } from '../../src/store/postgres/postgres-database.ts'
import { postgresServer } from './postgres-server.ts'

const { value: server, reason } = await postgresServer()
const open: PostgresDatabase[] = []

describe.skipIf(server === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterEach(async () => {
      await Promise.all(open.splice(0).map(async (database) => database.close()))
    })
    afterAll(async () => server?.close())

    answerStoreContract({
      name: 'PostgreSQL',
      open: async ({ time: { now, after }, ttlMs, maxBytes }) => {
        const url = (await server?.database()) ?? ''
        const database = await PostgresDatabase.open({ url, now: 1 })
        open.push(database)
        return new StoredAnswers(database, { ttlMs, maxBytes, maxEntries: 1000, now, after })
      },
    })
  },
)
