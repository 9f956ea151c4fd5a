// Money in real processes: what each stream of the crowd may cost, what it did cost by its provider's own count, and what the database says.
import { openDatabase } from '../../src/store/open-database.ts'
import type { Operation, Row } from '../../src/store/operation.ts'
import { TOKENS_EACH } from './gateway-processes.ts'
import type { LedgerUpstream } from './ledger-upstream.ts'

/** Tokens that the question of the crowd is guessed to be. */
const QUESTION = 8
/** Billionths of a dollar for a token: one and two dollars a million. */
const INPUT = 1000
const OUTPUT = 2000

/** What is set aside for each. */
const RESERVED_EACH: number = QUESTION * INPUT + (TOKENS_EACH - QUESTION) * OUTPUT

const PRICES = 'prices: { slow/tiny: { input: 1, output: 2 } }'

/** A budget of all together that has room for so many, and for all but the last billionth of one more. */
export function budgetFor(streams: number): { readonly nano: number; readonly settings: string } {
  const nano = (streams + 1) * RESERVED_EACH - 1
  const usd = (nano / 1e9).toFixed(9)
  const rule = `{ scope: installation, usd: "${usd}", period: total }`
  return { nano, settings: `${PRICES}\nbudgets: { rules: [${rule}] }` }
}

/** What the provider's own ledger comes to. */
export function truth({ inputTokens, outputTokens }: LedgerUpstream): number {
  return inputTokens * INPUT + outputTokens * OUTPUT
}

/** Where a database is. */
export interface Place {
  readonly url?: string
  readonly file?: string
}

const everything: Operation<string, readonly Row[]> = {
  name: 'test/everything',
  reads: true,
  *steps(sql) {
    return yield { sql }
  },
}

/** Asks a database that gateways use, or have used, beside them. */
export async function rowsIn({ url, file = '' }: Place, sql: string): Promise<readonly Row[]> {
  const place = url === undefined ? {} : { url }
  const { DirectSqlite } = await import('../../src/store/sqlite/direct-sqlite.ts')
  const database =
    url === undefined
      ? new DirectSqlite({ path: file, durability: 'strict', now: 1 })
      : await openDatabase({ ...place, file, durability: 'strict', now: () => 1 })
  try {
    return await database.run(everything, sql)
  } finally {
    await database.close()
  }
}
