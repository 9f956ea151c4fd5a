// What is told of a database by whoever stands before it.
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import type { StoreFact } from '../exchange/facts/store.ts'
import { ObservedDatabase } from './observed-database.ts'
import type { Database, Operation } from './operation.ts'
import { type StoreFailure, storeError } from './store-failure.ts'

function operation(name: string): Operation<undefined, string> {
  return {
    name,
    *steps() {
      yield* []
      return name
    },
  }
}

const WRITES = operation('test/write')
const READS: Operation<undefined, string> = { ...operation('test/read'), reads: true }

class Fake implements Database {
  readonly isShared: boolean = false
  failure: StoreFailure | Error | undefined

  async run<Args, Result>(wanted: Operation<Args, Result>, args: Args): Promise<Result> {
    if (this.failure instanceof Error) throw this.failure
    if (this.failure !== undefined) throw storeError(this.failure, 'the file')
    const end = wanted.steps(args).next([])
    if (end.done !== true) throw new Error('it asks for something')
    return end.value
  }

  async close(): Promise<void> {}
}

function opened(): { database: ObservedDatabase; fake: Fake; facts: StoreFact[] } {
  const fake = new Fake()
  const facts: StoreFact[] = []
  let now = 0
  const clock = (): number => (now += 5)
  const tell = (fact: StoreFact): number => facts.push(fact)
  return { database: new ObservedDatabase(fake, { tell, clock, maxWaiting: 2 }), fake, facts }
}

describe('an observed database', () => {
  it('tells of every operation, how long it took and how many are left', async () => {
    const { database, facts } = opened()
    const both = [database.run(WRITES, undefined), database.run(READS, undefined)]
    expect(await Promise.all(both)).toEqual(['test/write', 'test/read'])
    const asked = { type: 'store-asked', answered: true } as const
    expect(facts).toEqual([
      { ...asked, operation: 'test/write', elapsedMs: 10, waiting: 1 },
      { ...asked, operation: 'test/read', elapsedMs: 10, waiting: 0 },
    ])
  })

  it('refuses at once what it could not come to for long', async () => {
    const { database, facts } = opened()
    const two = [database.run(WRITES, undefined), database.run(READS, undefined)]
    expect(await failureOf(database.run(WRITES, undefined))).toMatchObject({
      kind: 'overloaded',
      code: 'store_busy',
    })
    await Promise.all(two)
    expect(facts[0]).toEqual({ type: 'store-failed', operation: 'test/write', failure: 'busy' })
    expect(await database.run(WRITES, undefined)).toBe('test/write')
  })

  it('tells of a loss once, and once that it is over', async () => {
    const { database, fake, facts } = opened()
    fake.failure = 'unavailable'
    for (let times = 0; times < 2; times += 1) {
      expect(await failureOf(database.run(READS, undefined))).toMatchObject({
        code: 'store_unavailable',
      })
    }
    fake.failure = undefined
    await database.run(READS, undefined)
    await database.run(READS, undefined)
    expect(facts.filter(({ type }) => type === 'store-state')).toEqual([
      { type: 'store-state', state: 'down', failure: 'unavailable' },
      { type: 'store-state', state: 'up' },
    ])
    expect(facts.filter(({ type }) => type === 'store-failed')).toHaveLength(2)
  })

  it.each(['full', 'read_only'] as const)(
    'does not take a read for a sign that a disk that is %s can be written again',
    async (failure) => {
      const { database, fake, facts } = opened()
      const states = (): unknown =>
        facts.flatMap((fact) => (fact.type === 'store-state' ? [fact.state] : []))
      fake.failure = failure
      await failureOf(database.run(WRITES, undefined))
      fake.failure = undefined
      await database.run(READS, undefined)
      expect(states()).toEqual(['down'])
      await database.run(WRITES, undefined)
      expect(states()).toEqual(['down', 'up'])
    },
  )

  it.each([['busy', 'busy'] as const, [new Error('of an operation'), 'failed'] as const])(
    'does not call it lost for a failure that may be that of the operation (%s)',
    async (thrown, failure) => {
      const { database, fake, facts } = opened()
      fake.failure = thrown
      await failureOf(database.run(WRITES, undefined))
      expect(facts.at(-1)).toEqual({ type: 'store-failed', operation: 'test/write', failure })
    },
  )
})
