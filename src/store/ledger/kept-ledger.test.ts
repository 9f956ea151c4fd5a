// What becomes of calls while the database is lost: those of hard budgets are refused, the others are kept in a file and told later, once.
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FailingDatabase } from '../../../test/failing-database.ts'
import { FakeTime } from '../../../test/server-fakes.ts'
import type { Happening } from '../../exchange/happening.ts'
import type { AppliedBudget } from '../../ledger/budget.ts'
import type { Opening, Settlement } from '../../ledger/ledger.ts'
import { openDatabase } from '../open-database.ts'
import type { Operation, Row } from '../operation.ts'
import { KeptLedger } from './kept-ledger.ts'
import { Spool } from './spool.ts'
import { StoredLedger } from './stored-ledger.ts'

const BUDGET: AppliedBudget = {
  id: 'all/',
  scope: 'installation',
  subject: '',
  period: 'total',
  startsAt: 0,
  limitNano: 1000,
  hard: true,
}
const LEASE_MS = 3000

const peek: Operation<string, readonly Row[]> = {
  name: 'test/peek',
  reads: true,
  *steps(sql) {
    return yield { sql }
  },
}

let folder: string
let database: FailingDatabase
let time: FakeTime
let told: Happening[]
let ledgers: KeptLedger[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-spool-'))
  database = new FailingDatabase(
    await openDatabase({ url: 'memory:', file: '', durability: 'strict', now: () => 1 }),
  )
  time = new FakeTime()
  told = []
})
afterEach(async () => {
  database.failure = undefined
  for (const ledger of ledgers) await ledger.close()
  ledgers = []
  await database.close()
  rmSync(folder, { recursive: true })
})

async function opened(holder: string): Promise<KeptLedger> {
  const { now, after } = time
  const ledger = await KeptLedger.open({
    stored: new StoredLedger({ database, holder, now, leaseMs: LEASE_MS }),
    spool: new Spool(folder, holder),
    folder,
    every: () => () => undefined,
    after,
    leaseMs: LEASE_MS,
    tell: (happening) => told.push(happening),
  })
  ledgers.push(ledger)
  return ledger
}

let attempts = 0
function opening(budgets: readonly AppliedBudget[] = []): Opening {
  attempts += 1
  return {
    attemptId: `a${attempts}`,
    callId: 'c',
    operation: 'chat',
    provider: 'p',
    model: 'm',
    at: 1,
    reserveNano: budgets.length === 0 ? 0 : 100,
    budgets,
    inputNano: 10,
    inputTokens: 5,
  }
}

function ended(of: Opening): Settlement {
  const { inputNano: _, inputTokens: __, ...labels } = of
  return {
    ...labels,
    endedAt: 2,
    tokens: { input: 5, output: 1 },
    nanoUsd: 42,
    source: 'provider',
    status: 'succeeded',
    latencyMs: 1,
  }
}

async function rows(): Promise<readonly Row[]> {
  return database.run(
    peek,
    'SELECT attempt_id, kind, nano_usd, source FROM ledger ORDER BY attempt_id, kind',
  )
}
const held = async (): Promise<readonly Row[]> =>
  database.run(peek, 'SELECT spent_nano, reserved_nano FROM budgets')

describe.each(['unavailable', 'full', 'read_only'] as const)(
  'while the database is %s',
  (failure) => {
    it('F117 calls that a hard budget counts are refused with 503, and let in again without a restart', async () => {
      const ledger = await opened('g')
      database.failure = failure
      await expect(ledger.begin(opening([BUDGET]))).rejects.toMatchObject({
        code: 'ledger_unavailable',
        status: 503,
        retryAfterMs: 2000,
      })
      expect(told).toContainEqual({
        type: 'ledger-failed',
        reason: `store_${failure}`,
        outcome: 'refused',
      })
      database.failure = undefined
      expect(await ledger.begin(opening([BUDGET]))).toMatchObject({ granted: true })
    })

    it('the others go on, and the database hears of them when it is back, in order and once', async () => {
      const ledger = await opened('g')
      database.failure = failure
      const call = opening()
      expect(await ledger.begin(call)).toMatchObject({ granted: true })
      await ledger.settle(ended(call))
      database.failure = undefined
      await ledger.tend()
      await ledger.tend()
      expect(await rows()).toMatchObject([
        { attempt_id: call.attemptId, kind: 'dispatch' },
        { attempt_id: call.attemptId, kind: 'settle', nano_usd: 42 },
      ])
      expect(told.filter(({ type }) => type === 'ledger-replayed')).toEqual([
        { type: 'ledger-replayed', records: 2, known: 0 },
      ])
      expect(readdirSync(folder)).toEqual([])
    })

    it('the end of a call that had been let in is kept too, and frees what it held', async () => {
      const ledger = await opened('g')
      const call = opening([BUDGET])
      await ledger.begin(call)
      database.failure = failure
      await ledger.settle(ended(call))
      database.failure = undefined
      await ledger.tend()
      expect(await held()).toEqual([{ spent_nano: 42, reserved_nano: 0 }])
    })
  },
)

it('a reservation that was made, and whose answer was lost, holds nothing once the database is back', async () => {
  const ledger = await opened('g')
  database.failure = 'unavailable'
  database.loses = 'answer'
  await expect(ledger.begin(opening([BUDGET]))).rejects.toMatchObject({ status: 503 })
  database.failure = undefined
  expect(await held()).toEqual([{ spent_nano: 0, reserved_nano: 100 }])
  await ledger.tend()
  expect(await held()).toEqual([{ spent_nano: 0, reserved_nano: 0 }])
})

it('an end that was written, and whose answer was lost, counts once', async () => {
  const ledger = await opened('g')
  const call = opening([BUDGET])
  await ledger.begin(call)
  database.failure = 'unavailable'
  database.loses = 'answer'
  await ledger.settle(ended(call))
  database.failure = undefined
  await ledger.tend()
  expect(await held()).toEqual([{ spent_nano: 42, reserved_nano: 0 }])
  expect(told).toContainEqual({ type: 'ledger-replayed', records: 1, known: 1 })
})

describe('F148 a gateway that dies while the database is lost', () => {
  it('has its file told by the next one: what ended as it was, what did not by guess', async () => {
    const dying = await opened('dying')
    database.failure = 'unavailable'
    const [whole, open] = [opening(), opening()]
    for (const one of [whole, open]) await dying.begin(one)
    await dying.settle(ended(whole))
    // Its last write was cut.
    appendFileSync(
      join(folder, 'dying.spool'),
      readFileSync(join(folder, 'dying.spool')).subarray(0, 90),
    )
    database.failure = undefined
    await time.pass(LEASE_MS + 1)
    await opened('next')
    expect((await rows()).filter(({ kind }) => kind === 'settle')).toMatchObject([
      { attempt_id: whole.attemptId, nano_usd: 42, source: 'provider' },
      { attempt_id: open.attemptId, nano_usd: 10, source: 'crash_estimate' },
    ])
    expect(readdirSync(folder)).toEqual([])
    await opened('third')
    expect(told.filter(({ type }) => type === 'ledger-replayed').length).toBe(1)
  })

  it('is not robbed of its file while it lives', async () => {
    const living = await opened('living')
    database.failure = 'unavailable'
    await living.begin(opening())
    database.failure = undefined
    await opened('other')
    expect(readdirSync(folder)).toEqual(['living.spool'])
  })
})

it('F116 a database that another process holds for a while is asked again, and nobody is refused', async () => {
  const ledger = await opened('g')
  database.failure = 'busy'
  const begun = ledger.begin(opening([BUDGET]))
  await time.pass(0)
  database.failure = undefined
  await time.pass(60)
  expect(await begun).toMatchObject({ granted: true })
})

it('a defect is no loss of the database: it is not kept', async () => {
  const ledger = await opened('g')
  const broken = { ...opening(), at: Number.NaN }
  await expect(ledger.begin(broken)).rejects.toMatchObject({ code: 'store_failed' })
  expect(readdirSync(folder)).toEqual([])
})
