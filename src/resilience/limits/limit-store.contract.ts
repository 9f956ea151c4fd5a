// What every place where limits are counted must do; run by each implementation's own test.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConcurrencyTake, LimitStore, RateTake } from './limit.ts'

export interface LimitBench {
  readonly store: LimitStore
  /** Lets so much time pass for the store. */
  pass(milliseconds: number): Promise<void>
  /** A further door to the same counts, as another process has it; undefined where there is none. */
  readonly other?: LimitStore
  close(): Promise<void>
}

/** Slack for stores whose clock cannot be held still, in milliseconds. */
export interface ContractOptions {
  readonly slackMs: number
  readonly runs: number
}

let keys = 0

/** Keys of this run alone: a shared store keeps what earlier tests counted. */
function freshKey(): string {
  keys += 1
  return `contract/${process.pid}/${keys}`
}

function rate(about: Partial<RateTake> = {}): RateTake {
  return { kind: 'rate', key: freshKey(), limit: 10, periodMs: 60_000, cost: 1, ...about }
}

function place(about: Partial<ConcurrencyTake> = {}): ConcurrencyTake {
  return {
    kind: 'concurrency',
    key: freshKey(),
    limit: 2,
    holder: 'a',
    ttlMs: 60_000,
    ...about,
  }
}

export function limitStoreContract(
  name: string,
  open: () => Promise<LimitBench>,
  { slackMs, runs }: ContractOptions,
): void {
  describe(name, () => {
    let bench: LimitBench

    beforeEach(async () => {
      bench = await open()
    })

    afterEach(async () => {
      await bench.close()
    })

    it('grants the whole limit at once, then says when there is room again', async () => {
      const take = rate({ cost: 4 })
      const first = await bench.store.take([take])
      expect(first).toMatchObject({ granted: true, standings: [{ remaining: 6 }] })
      expect((await bench.store.take([take])).granted).toBe(true)
      const denied = await bench.store.take([take])
      expect(denied).toMatchObject({ granted: false, at: 0, standings: [{ remaining: 2 }] })
      if (denied.granted) throw new Error('granted')
      expect(denied.retryAfterMs).toBeGreaterThan(12_000 - slackMs)
      expect(denied.retryAfterMs).toBeLessThanOrEqual(12_000)
    })

    it('has room again after the time it said', async () => {
      const take = rate({ limit: 10, periodMs: 1000, cost: 10 })
      await bench.store.take([take])
      const denied = await bench.store.take([take])
      await bench.pass((denied.granted ? 0 : (denied.retryAfterMs ?? 0)) + 1)
      expect((await bench.store.take([take])).granted).toBe(true)
    })

    it('does not say when for a call that is larger than the limit', async () => {
      const denied = await bench.store.take([rate({ cost: 11 })])
      expect(denied.granted).toBe(false)
      expect(denied).not.toHaveProperty('retryAfterMs')
    })

    it('takes nothing of any limit where one has no room', async () => {
      const open_ = rate()
      const full = rate({ limit: 1 })
      const seat = place()
      await bench.store.take([full])
      const denied = await bench.store.take([open_, seat, full])
      expect(denied).toMatchObject({ granted: false, at: 2 })
      expect(denied.standings.map(({ remaining }) => remaining)).toEqual([10, 2, 0])
    })

    it('charges what a call took beyond its estimate, and gives back what it did not', async () => {
      const take = rate({ cost: 5 })
      await bench.store.take([take])
      await bench.store.charge([{ take, amount: -3 }])
      expect((await bench.store.take([{ ...take, cost: 1 }])).standings).toMatchObject([
        { remaining: 7 },
      ])
      await bench.store.charge([{ take, amount: 20 }])
      const denied = await bench.store.take([{ ...take, cost: 1 }])
      expect(denied).toMatchObject({ granted: false, standings: [{ remaining: 0 }] })
    })

    it('lets so many in at once, and the next when one has left', async () => {
      const seat = place()
      const seats = ['a', 'b', 'c'].map((holder) => ({ ...seat, holder }))
      const [a, b, c] = seats
      if (a === undefined || b === undefined || c === undefined) throw new Error('three seats')
      expect((await bench.store.take([a])).granted).toBe(true)
      expect((await bench.store.take([b])).granted).toBe(true)
      expect((await bench.store.take([c])).granted).toBe(false)
      await bench.store.release([a])
      expect((await bench.store.take([c])).granted).toBe(true)
    })

    it('gives the place of one that died to another, and keeps that of one that is heard of', async () => {
      const dead = place({ limit: 2, holder: 'dead', ttlMs: 400 })
      const alive = { ...dead, holder: 'alive' }
      await bench.store.take([dead])
      await bench.store.take([alive])
      await bench.pass(250)
      await bench.store.renew([alive])
      await bench.pass(250)
      const third = { ...dead, holder: 'third' }
      expect((await bench.store.take([third])).granted).toBe(true)
      expect((await bench.store.take([{ ...dead, holder: 'fourth' }])).granted).toBe(false)
    })

    it('does not bring one back to life that has left', async () => {
      const seat = place({ limit: 1 })
      await bench.store.take([seat])
      await bench.store.release([seat])
      await bench.store.renew([seat])
      expect((await bench.store.take([{ ...seat, holder: 'b' }])).granted).toBe(true)
    })

    it('grants no more than the limit to calls that come together', async () => {
      const seat = place({ limit: 3 })
      const tokens = rate({ limit: 100, cost: 10, periodMs: 3_600_000 })
      const doors = [bench.store, bench.other ?? bench.store]
      const asked = await Promise.all(
        Array.from({ length: 100 }, async (_, at) =>
          doors[at % 2]?.take([tokens, { ...seat, limit: 1000, holder: String(at) }]),
        ),
      )
      expect(asked.filter((answer) => answer?.granted === true)).toHaveLength(10)
    })

    it('never grants more in a period than the limit, whatever comes', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 30 }),
          async (costs) => {
            const take = rate({ limit: 20, periodMs: 3_600_000 })
            let granted = 0
            for (const cost of costs) {
              const answer = await bench.store.take([{ ...take, cost }])
              if (answer.granted) granted += cost
              expect(answer.standings[0]?.remaining).toBe(20 - granted)
            }
            expect(granted).toBeLessThanOrEqual(20)
          },
        ),
        { numRuns: runs },
      )
    })
  })
}
