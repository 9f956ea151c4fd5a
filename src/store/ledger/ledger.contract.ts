// The suite that the ledger passes on every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppliedBudget } from '../../ledger/budget.ts'
import type { Opening, Settlement } from '../../ledger/ledger.ts'
import type { DatabaseSubject } from '../documents/documents.contract.ts'
import type { Database, Operation, Row } from '../operation.ts'
import { lookAtBudgets } from './budget-operations.ts'
import { StoredLedger } from './stored-ledger.ts'

const KEY: AppliedBudget = {
  id: 'key/k1',
  scope: 'key',
  subject: 'k1',
  period: 'day',
  startsAt: 0,
  limitNano: 1000,
  hard: true,
}
const ALL: AppliedBudget = { ...KEY, id: 'all', scope: 'installation', subject: '' }
const LEASE_MS = 1000

/** Reads the tables as they are, beside the ledger: in memory databases only operations can. */
const peek: Operation<string, readonly Row[]> = {
  name: 'test/peek',
  reads: true,
  *steps(sql) {
    return yield { sql }
  },
}

let attempts = 0

function opening(reserveNano: number, budgets: readonly AppliedBudget[] = [KEY]): Opening {
  attempts += 1
  return {
    attemptId: `a${String(attempts).padStart(4, '0')}`,
    callId: 'call',
    operation: 'chat',
    caller: 'k1',
    tags: { project: 'x' },
    provider: 'p',
    model: 'm',
    at: 500,
    reserveNano,
    budgets,
    inputNano: 10,
    inputTokens: 5,
  }
}

function ended(opened: Opening, nanoUsd: number): Settlement {
  const { inputNano: _, inputTokens: __, ...labels } = opened
  return {
    ...labels,
    endedAt: 900,
    tokens: { input: 5, output: 7 },
    nanoUsd,
    source: 'provider',
    status: 'succeeded',
    latencyMs: 400,
  }
}

export function ledgerContract({ name, open }: DatabaseSubject): void {
  describe(`the ledger in ${name}`, () => {
    let database: Database
    let now = 500

    const holding = (holder: string): StoredLedger =>
      new StoredLedger({ database, holder, now: () => now, leaseMs: LEASE_MS })
    const stands = async (budget: AppliedBudget): Promise<readonly [number, number]> => {
      const [standing] = await database.run(lookAtBudgets, [budget])
      return [standing?.spentNano ?? -1, standing?.reservedNano ?? -1]
    }

    beforeEach(async () => {
      now = 500
      database = await open()
    })
    afterEach(async () => database.close())

    it('K010 F145 PB-156 of 200 at once exactly those are let in that fit, and what they hold is what was asked', async () => {
      const ledger = holding('g')
      const begun = await Promise.all(
        Array.from({ length: 200 }, async () => ledger.begin(opening(27))),
      )
      expect(begun.filter(({ granted }) => granted).length).toBe(37)
      expect(await stands(KEY)).toEqual([0, 37 * 27])
    })

    it('reserves of all budgets or of none, and says which one has no room', async () => {
      const ledger = holding('g')
      const small = { ...ALL, limitNano: 40 }
      const begun = await ledger.begin(opening(50, [KEY, small]))
      expect(begun).toMatchObject({ granted: false, refused: { id: 'all' } })
      expect(await stands(KEY)).toEqual([0, 0])
      expect(await ledger.begin(opening(40, [KEY, small]))).toMatchObject({ granted: true })
      expect(await ledger.begin(opening(1, [small, KEY]))).toMatchObject({
        granted: false,
        standing: { reservedNano: 40, spentNano: 0 },
      })
      expect(await stands(KEY)).toEqual([0, 40])
    })

    it('a call that costs more than the whole budget is refused before anything was spent', async () => {
      expect(await holding('g').begin(opening(1001))).toMatchObject({
        granted: false,
        standing: { spentNano: 0, reservedNano: 0, limitNano: 1000 },
      })
    })

    it('a soft budget is counted beyond its limit', async () => {
      const soft = { ...KEY, hard: false }
      const ledger = holding('g')
      for (const opened of [opening(900, [soft]), opening(900, [soft])]) {
        expect(await ledger.begin(opened)).toMatchObject({ granted: true })
        await ledger.settle(ended(opened, 900))
      }
      expect(await stands(soft)).toEqual([1800, 0])
    })

    it('what is settled is spent, and what it held is free, once however often it is told', async () => {
      const ledger = holding('g')
      const opened = opening(600)
      await ledger.begin(opened)
      expect(await ledger.settle(ended(opened, 120))).toMatchObject({ how: 'settled' })
      expect(await ledger.settle(ended(opened, 120))).toMatchObject({ how: 'known' })
      expect(await stands(KEY)).toEqual([120, 0])
      const rows = await database.run(
        peek,
        'SELECT kind, nano_usd, counted_at FROM ledger ORDER BY kind',
      )
      expect(rows).toEqual([
        { kind: 'dispatch', nano_usd: null, counted_at: null },
        { kind: 'reserve', nano_usd: 600, counted_at: null },
        { kind: 'settle', nano_usd: 120, counted_at: 500 },
      ])
    })

    it('a limit that was lowered holds from the next call on', async () => {
      const ledger = holding('g')
      const opened = opening(600)
      await ledger.begin(opened)
      await ledger.settle(ended(opened, 600))
      const lower = { ...KEY, limitNano: 500 }
      expect(await ledger.begin(opening(1, [lower]))).toMatchObject({ granted: false })
      expect(await ledger.begin(opening(400))).toMatchObject({ granted: true })
    })

    it('what a period has spent is not held against the next', async () => {
      const ledger = holding('g')
      const opened = opening(1000)
      await ledger.begin(opened)
      const tomorrow = { ...KEY, startsAt: 86_400_000 }
      expect(await ledger.begin(opening(1000, [tomorrow]))).toMatchObject({ granted: true })
      await ledger.settle(ended(opened, 999))
      expect(await stands(KEY)).toEqual([999, 0])
      expect(await stands(tomorrow)).toEqual([0, 1000])
    })

    it('F148 what a dead gateway left open is settled once: its input, or what it last said', async () => {
      const dead = holding('dead')
      await dead.renew()
      const [silent, heard] = [opening(300), opening(300)]
      await dead.begin(silent)
      await dead.begin(heard)
      await dead.checkpoint([{ attemptId: heard.attemptId, outputTokens: 9, nanoUsd: 70 }])
      const others = [holding('one'), holding('two')]
      await Promise.all(others.map(async (one) => one.renew()))
      expect(await Promise.all(others.map(async (one) => one.recover()))).toEqual([0, 0])
      now += LEASE_MS + 1
      await Promise.all(others.map(async (one) => one.renew()))
      const recovered = await Promise.all(others.map(async (one) => one.recover()))
      expect(recovered.reduce((sum, one) => sum + one, 0)).toBe(2)
      expect(await stands(KEY)).toEqual([80, 0])
      expect(await database.run(peek, 'SELECT attempt_id FROM open_attempts')).toEqual([])
      expect(
        await database.run(
          peek,
          "SELECT nano_usd, output_tokens, source, status, caller FROM ledger WHERE kind = 'settle' ORDER BY attempt_id",
        ),
      ).toEqual([
        {
          nano_usd: 10,
          output_tokens: 0,
          source: 'crash_estimate',
          status: 'crashed',
          caller: 'k1',
        },
        {
          nano_usd: 70,
          output_tokens: 9,
          source: 'crash_estimate',
          status: 'crashed',
          caller: 'k1',
        },
      ])
    })

    it('the guess at a gateway that only seemed dead is corrected by what it says, once', async () => {
      const slow = holding('slow')
      const opened = opening(300)
      await slow.begin(opened)
      expect(await holding('other').recover()).toBe(1)
      expect(await slow.settle(ended(opened, 250))).toMatchObject({ how: 'adjusted' })
      expect(await slow.settle(ended(opened, 250))).toMatchObject({ how: 'known' })
      expect(await stands(KEY)).toEqual([250, 0])
      const sums = await database.run(
        peek,
        'SELECT SUM(nano_usd) AS nano, SUM(input_tokens) AS input, SUM(output_tokens) AS output FROM ledger WHERE counted_at IS NOT NULL',
      )
      expect(sums).toEqual([{ nano: 250, input: 5, output: 7 }])
    })

    it('the loser of two that were asked at once is free for its caller, and its input the operator’s', async () => {
      const ledger = holding('g')
      const opened = opening(300, [KEY, ALL])
      await ledger.begin(opened)
      await ledger.settle({ ...ended(opened, 0), operatorNano: 10, status: 'hedge_lost' })
      expect(await stands(KEY)).toEqual([0, 0])
      expect(await stands(ALL)).toEqual([10, 0])
      expect(
        await database.run(peek, "SELECT caller, nano_usd FROM ledger WHERE kind = 'hedge_loser'"),
      ).toEqual([{ caller: null, nano_usd: 10 }])
    })

    it('an attempt that was never made leaves nothing held, begun or not', async () => {
      const ledger = holding('g')
      const [begun, unknown] = [opening(300), opening(300)]
      await ledger.begin(begun)
      for (const one of [begun, unknown]) await ledger.annul({ ...ended(one, 0), source: 'none' })
      expect(await stands(KEY)).toEqual([0, 0])
      expect(
        await database.run(peek, "SELECT attempt_id FROM ledger WHERE kind = 'settle'"),
      ).toEqual([{ attempt_id: begun.attemptId }])
    })
  })
}
