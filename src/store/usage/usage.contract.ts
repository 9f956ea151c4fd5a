// The suite that questions about usage pass on every database.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Settlement } from '../../ledger/ledger.ts'
import type { UsageFilter, UsageGroup, UsageQuery } from '../../usage/usage-query.ts'
import type { DatabaseSubject } from '../documents/documents.contract.ts'
import { settleAttempt } from '../ledger/attempt-operations.ts'
import type { Database } from '../operation.ts'
import { groupUsage, listUsage, sumUsage } from './usage-operations.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 9, 30, 12)
const DROP = "x'; DROP TABLE ledger; --"

function used(id: string, more: Partial<Settlement>): Settlement {
  return {
    attemptId: id,
    callId: id,
    operation: 'chat',
    provider: 'p',
    model: 'm',
    at: START,
    endedAt: START + 5,
    reserveNano: 0,
    budgets: [],
    tokens: { input: 10, output: 5 },
    nanoUsd: 100,
    source: 'provider',
    status: 'succeeded',
    latencyMs: 5,
    ...more,
  }
}

/** Two keys over three days at the end of a month: a guess, a failure that another attempt made good, the loser of two, no price. */
function everything(): readonly Settlement[] {
  const { nanoUsd: _, ...unpriced } = used('a6', { at: START + 2 * DAY, tokens: { input: 1 } })
  return [
    used('a1', { caller: 'k1', team: 't', tags: { project: 'x', stage: 'dev' } }),
    used('a2', { caller: 'k1', at: START + DAY, tags: { project: 'y' }, model: 'n', nanoUsd: 7 }),
    used('a3', { caller: 'k1', at: START + DAY, source: 'estimate', nanoUsd: 40, route: 'fast' }),
    used('a4', {
      caller: 'k2',
      callId: 'c4',
      at: START + 2 * DAY,
      status: 'failed',
      errorKind: 'upstream',
      nanoUsd: 0,
      tokens: {},
    }),
    used('a5', { caller: 'k2', callId: 'c4', at: START + 2 * DAY, tags: { project: DROP } }),
    unpriced,
    used('a7', {
      caller: 'k1',
      at: START + 2 * DAY,
      status: 'hedge_lost',
      nanoUsd: 0,
      operatorNano: 3,
      tokens: {},
    }),
  ]
}

const WHOLE: UsageFilter = {
  from: START - DAY,
  to: START + 10 * DAY,
  labels: {},
  tags: {},
  callersOnly: false,
}

export function usageContract({ name, open }: DatabaseSubject): void {
  describe(`usage in ${name}`, () => {
    let database: Database
    beforeAll(async () => {
      database = await open()
      for (const one of everything()) await database.run(settleAttempt, one)
    })
    afterAll(() => database.close())

    async function by(
      groups: readonly UsageGroup[],
      more: Partial<UsageQuery> = {},
    ): Promise<readonly (readonly (string | number)[])[]> {
      const found = await database.run(groupUsage, { ...WHOLE, groups, limit: 100, ...more })
      return found.map(({ values, requests, nanoUsd }) => [...values, requests, nanoUsd])
    }

    it('sums up all there is: calls once, whatever they took', async () => {
      expect(await database.run(sumUsage, WHOLE)).toEqual({
        requests: 6,
        attempts: 7,
        errors: 1,
        unpriced: 1,
        tokens: { input: 41, cacheRead: 0, cacheWrite: 0, output: 20, reasoning: 0 },
        nanoUsd: 250,
        estimatedNanoUsd: 43,
      })
    })

    it('sums up nothing as nothing', async () => {
      const sum = await database.run(sumUsage, { ...WHOLE, labels: { key: 'nobody' } })
      expect(sum).toMatchObject({ requests: 0, nanoUsd: 0, tokens: { input: 0 } })
    })

    it('leaves out the cost of losers where a caller asks', async () => {
      const filter = { ...WHOLE, labels: { key: 'k1' }, callersOnly: true }
      expect((await database.run(sumUsage, filter)).nanoUsd).toBe(147)
    })

    it('is grouped by time in UTC', async () => {
      const day = Math.floor(START / DAY) * DAY
      expect(await by([{ by: 'day' }])).toEqual([
        [day, 1, 100],
        [day + DAY, 2, 47],
        [day + 2 * DAY, 3, 103],
      ])
      expect(await by([{ by: 'month' }])).toEqual([
        [Date.UTC(2026, 9, 1), 3, 147],
        [Date.UTC(2026, 10, 1), 3, 103],
      ])
      expect((await by([{ by: 'hour' }]))[0]).toEqual([START, 1, 100])
    })

    it('is grouped by labels and by tags, in order; what has none stands together', async () => {
      expect(await by([{ by: 'key' }, { by: 'model' }])).toEqual([
        // What the loser of two has read is the operator's, and nobody else's.
        ['', 'p/m', 1, 3],
        ['k1', 'p/m', 3, 140],
        ['k1', 'p/n', 1, 7],
        ['k2', 'p/m', 1, 100],
      ])
      const tags = await by([{ by: 'tag', tag: 'project' }])
      expect(tags).toContainEqual([DROP, 1, 100])
      expect(tags).toContainEqual(['', 4, 43])
      expect(await by([{ by: 'route' }])).toContainEqual(['fast', 1, 40])
      expect(await by([{ by: 'team' }])).toContainEqual(['t', 1, 100])
    })

    async function count(more: Partial<UsageFilter>): Promise<number> {
      return (await database.run(sumUsage, { ...WHOLE, ...more })).attempts
    }

    it('comes in pages that fit together', async () => {
      const groups = [{ by: 'day' }, { by: 'model' }] as const
      const whole = await by(groups)
      const paged: (readonly (string | number)[])[] = []
      let after: readonly (string | number)[] | undefined
      do {
        const page = await by(groups, { limit: 1, ...(after === undefined ? {} : { after }) })
        paged.push(...page)
        after = page[0]?.slice(0, 2)
      } while (after !== undefined)
      expect(paged).toEqual(whole)
    })

    it('is filtered by each label, by tags and by time, with values that are only values', async () => {
      expect(await count({ labels: { model: 'p/n' } })).toBe(1)
      expect(await count({ labels: { provider: 'p', status: 'failed' } })).toBe(1)
      expect(await count({ labels: { team: 't' } })).toBe(1)
      expect(await count({ tags: { project: 'x', stage: 'dev' } })).toBe(1)
      expect(await count({ tags: { project: DROP } })).toBe(1)
      expect(await count({ labels: { key: "k1' OR '1'='1" } })).toBe(0)
      expect(await count({ from: START + 1 })).toBe(6)
      expect(await count({ to: START })).toBe(0)
    })

    it('is listed entry by entry, in order and in pages, with tags', async () => {
      const first = await database.run(listUsage, { ...WHOLE, limit: 3 })
      expect(first[0]).toEqual({
        attemptId: 'a1',
        kind: 'settle',
        callId: 'a1',
        at: START,
        operation: 'chat',
        key: 'k1',
        team: 't',
        provider: 'p',
        model: 'm',
        tokens: { input: 10, output: 5 },
        nanoUsd: 100,
        source: 'provider',
        status: 'succeeded',
        latencyMs: 5,
        tags: { project: 'x', stage: 'dev' },
      })
      const { at = 0, attemptId = '', kind = '' } = first.at(-1) ?? {}
      const rest = await database.run(listUsage, {
        ...WHOLE,
        limit: 100,
        after: { at, attemptId, kind },
      })
      expect([...first, ...rest].map((one) => `${one.attemptId} ${one.kind}`)).toEqual([
        'a1 settle',
        'a2 settle',
        'a3 settle',
        'a4 settle',
        'a5 settle',
        'a6 settle',
        'a7 hedge_loser',
        'a7 settle',
      ])
      expect(rest.find(({ attemptId: id }) => id === 'a6')).not.toHaveProperty('nanoUsd')
    })
  })
}
