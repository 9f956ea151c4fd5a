// What is in a database, for whoever looks after it: nothing is changed, not even where its tables are of an older Patchbay.
import { MIGRATIONS } from './migrations.ts'
import type { Operation } from './operation.ts'
import { numberIn, textIn } from './row.ts'

export interface Inspection {
  /** Of its tables; 0 where there are none. */
  readonly version: number
  /** That this Patchbay brings. */
  readonly newest: number
  /** How many there are of each kind. */
  readonly documents: readonly { readonly kind: string; readonly count: number }[]
}

export const inspect: Operation<undefined, Inspection> = {
  name: 'store/inspect',
  reads: true,
  *steps() {
    const [row] = yield { sql: 'SELECT COALESCE(MAX(version), 0) AS version FROM migrations' }
    const kinds = yield {
      sql: 'SELECT kind, COUNT(*) AS n FROM documents WHERE body IS NOT NULL GROUP BY kind ORDER BY kind',
    }
    return {
      version: row === undefined ? 0 : numberIn(row, 'version'),
      newest: MIGRATIONS.at(-1)?.version ?? 0,
      documents: kinds.map((one) => ({ kind: textIn(one, 'kind'), count: numberIn(one, 'n') })),
    }
  },
}
