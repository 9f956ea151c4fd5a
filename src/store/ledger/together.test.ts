// Attempts that are begun or settled at once leave the same rows, and are told the same, as one after another.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AppliedBudget } from '../../ledger/budget.ts'
import type { Opening, Settlement } from '../../ledger/ledger.ts'
import type { Database, Operation, Row } from '../operation.ts'
import { DirectSqlite } from '../sqlite/direct-sqlite.ts'
import { beginAttempt, settleAttempt } from './attempt-operations.ts'

const BUDGETS: readonly AppliedBudget[] = [
  { id: 'all/', scope: 'installation', subject: '', limitNano: 1000, hard: true },
  { id: 'key/k', scope: 'key', subject: 'k', limitNano: 700, hard: true },
  { id: 'soft/', scope: 'installation', subject: '', limitNano: 300, hard: false },
].map((budget): AppliedBudget => ({
  ...budget,
  scope: budget.scope === 'key' ? 'key' : 'installation',
  period: 'total',
  startsAt: 0,
}))

interface Attempt {
  readonly reserveNano: number
  readonly nanoUsd: number
  readonly budgets: readonly AppliedBudget[]
  readonly isTagged: boolean
  readonly isLost: boolean
  /** Settled twice at once. */
  readonly isTwice: boolean
}

const attempt: fc.Arbitrary<Attempt> = fc.record({
  reserveNano: fc.integer({ min: 0, max: 400 }),
  nanoUsd: fc.integer({ min: 0, max: 500 }),
  budgets: fc.subarray([...BUDGETS]),
  isTagged: fc.boolean(),
  isLost: fc.boolean(),
  isTwice: fc.boolean(),
})

const dump: Operation<string, readonly Row[]> = {
  name: 'test/dump',
  reads: true,
  *steps(sql) {
    return yield { sql }
  },
}

function opening(at: number, { reserveNano, budgets, isTagged }: Attempt): Opening {
  return {
    attemptId: `a${at}`,
    callId: 'c',
    operation: 'chat',
    provider: 'p',
    model: 'm',
    at: 1,
    reserveNano,
    budgets,
    inputNano: 7,
    inputTokens: 5,
    ...(isTagged ? { tags: { project: 'x' } } : {}),
  }
}

function ended(opened: Opening, { nanoUsd, isLost }: Attempt): Settlement {
  const { inputNano: _, inputTokens: __, ...labels } = opened
  return {
    ...labels,
    endedAt: 2,
    tokens: { input: 5, output: 1 },
    nanoUsd,
    source: 'provider',
    status: 'succeeded',
    latencyMs: 1,
    ...(isLost ? { operatorNano: 7 } : {}),
  }
}

type InTurn = <T>(work: readonly (() => Promise<T>)[]) => Promise<readonly T[]>

const atOnce: InTurn = async (work) => Promise.all(work.map(async (one) => one()))
const oneByOne: InTurn = async (work) => {
  const results = []
  for (const one of work) results.push(await one())
  return results
}

/** All that was told, and all that is there in the end. */
async function played(attempts: readonly Attempt[], inTurn: InTurn): Promise<unknown> {
  const database: Database = new DirectSqlite({ path: ':memory:', durability: 'strict', now: 1 })
  try {
    const openings = attempts.map((one, at) => opening(at, one))
    const begun = await inTurn(
      openings.map((one) => () => database.run(beginAttempt, { opening: one, holder: 'h' })),
    )
    const settlements = attempts.flatMap((one, at) => {
      const opened = openings[at]
      if (opened === undefined || begun[at]?.granted !== true) return []
      return Array.from({ length: one.isTwice ? 2 : 1 }, () => ended(opened, one))
    })
    const settled = await inTurn(settlements.map((one) => () => database.run(settleAttempt, one)))
    const tables = ['ledger', 'ledger_tags', 'budgets', 'open_attempts']
    const rows = []
    for (const table of tables) {
      rows.push(await database.run(dump, `SELECT * FROM ${table} ORDER BY 1, 2`))
    }
    return { begun, settled, rows }
  } finally {
    await database.close()
  }
}

describe('attempts at once', () => {
  it('are what they are one by one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 2, maxLength: 12 }), async (attempts) => {
        expect(await played(attempts, atOnce)).toEqual(await played(attempts, oneByOne))
      }),
      { numRuns: 60 },
    )
  })

  it('that a database refuses keep none of the others from it', async () => {
    const database = new DirectSqlite({ path: ':memory:', durability: 'strict', now: 1 })
    const plain = {
      reserveNano: 1,
      nanoUsd: 1,
      budgets: BUDGETS,
      isTagged: false,
      isLost: false,
      isTwice: false,
    }
    const openings = [0, 1, 2].map((at) => opening(at, plain))
    const asked = openings.map((one, at) =>
      database.run(beginAttempt, {
        opening: at === 1 ? { ...one, model: 'm\0' } : one,
        holder: 'h',
      }),
    )
    const outcomes = await Promise.allSettled(asked)
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(
      await database.run(dump, "SELECT attempt_id FROM ledger WHERE kind = 'dispatch'"),
    ).toEqual([{ attempt_id: 'a0' }, { attempt_id: 'a2' }])
    expect(await database.run(dump, 'SELECT reserved_nano FROM budgets')).toEqual([
      { reserved_nano: 2 },
      { reserved_nano: 2 },
      { reserved_nano: 2 },
    ])
    await database.close()
  })
})
