// Watching documents, on a database in memory that says it is shared or not.
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../open-database.ts'
import type { Database, Operation } from '../operation.ts'
import type { DocumentChange } from './document.ts'
import { Documents } from './documents.ts'
import { WatchedDocuments } from './watched-documents.ts'

class Shared implements Database {
  readonly isShared: boolean = true
  readonly #inner: Database
  failure: Error | undefined
  asked = 0

  constructor(inner: Database) {
    this.#inner = inner
  }

  async run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    this.asked += 1
    if (this.failure !== undefined) throw this.failure
    return this.#inner.run(operation, args)
  }

  async close(): Promise<void> {
    await this.#inner.close()
  }
}

async function opened(): Promise<{
  watched: WatchedDocuments
  /** Writes as another process does: nobody here is told. */
  others: Documents
  database: Shared
  tick: () => Promise<void>
  intervals: number[]
  failures: unknown[]
}> {
  const options = { url: 'memory:', file: '', durability: 'fast', now: () => 1 } as const
  const database = new Shared(await openDatabase(options))
  const failures: unknown[] = []
  const intervals: number[] = []
  let run: (() => void) | undefined
  const watched = new WatchedDocuments(database, {
    now: () => 1,
    every: (milliseconds, again) => {
      intervals.push(milliseconds)
      run = again
      return () => {
        run = undefined
      }
    },
    failed: (thrown) => failures.push(thrown),
  })
  const tick = async (): Promise<void> => {
    run?.()
    await watched.look()
  }
  return {
    watched,
    others: new Documents(database, () => 1),
    database,
    tick,
    intervals,
    failures,
  }
}

function ids(heard: readonly DocumentChange[]): readonly string[] {
  return heard.map(
    ({ id, version, body }) => `${id}@${version}${body === undefined ? ' gone' : ''}`,
  )
}

const A = { kind: 'key', id: 'a', body: {} } as const

describe('watched documents', () => {
  it('tell a listener of all there are, then of every change before its write resolves', async () => {
    const { watched } = await opened()
    await watched.write([A, { kind: 'route', id: 'r', body: {} }])
    const heard: DocumentChange[] = []
    await watched.follow('key', (change) => heard.push(change))
    expect(ids(heard)).toEqual(['a@1'])
    await watched.write([{ ...A, body: { n: 2 } }])
    expect(heard.at(-1)).toMatchObject({ id: 'a', version: 2, body: { n: 2 } })
    await watched.write([{ kind: 'key', id: 'a' }])
    expect(ids(heard)).toEqual(['a@1', 'a@2', 'a@3 gone'])
  })

  it('look twice a second for what others write, and tell each listener its kind', async () => {
    const { watched, others, tick, intervals } = await opened()
    const keys: DocumentChange[] = []
    const routes: DocumentChange[] = []
    await watched.follow('key', (change) => keys.push(change))
    await watched.follow('route', (change) => routes.push(change))
    await others.write([A, { kind: 'route', id: 'r', body: {} }])
    expect(keys).toEqual([])
    await tick()
    expect([ids(keys), ids(routes)]).toEqual([['a@1'], ['r@1']])
    await tick()
    expect(keys).toHaveLength(1)
    expect(intervals).toEqual([500])
  })

  it('catch up however much has changed, in order', async () => {
    const { watched, others, tick } = await opened()
    const heard: DocumentChange[] = []
    await watched.follow('key', (change) => heard.push(change))
    const many = Array.from({ length: 250 }, (_, at) => `k${String(at).padStart(3, '0')}`)
    await others.write(many.map((id) => ({ kind: 'key', id, body: {} })))
    await tick()
    expect(heard.map(({ id }) => id)).toEqual(many)
  })

  it('go on after a failure where they stopped, and tell of it', async () => {
    const { watched, others, database, tick, failures } = await opened()
    const heard: DocumentChange[] = []
    await watched.follow('key', (change) => heard.push(change))
    await others.write([A])
    database.failure = new Error('away')
    await tick()
    expect([heard, failures]).toEqual([[], [database.failure]])
    database.failure = undefined
    await tick()
    expect(ids(heard)).toEqual(['a@1'])
  })

  it('tell the others though one listener throws', async () => {
    const { watched, failures } = await opened()
    const heard: DocumentChange[] = []
    const thrown = new Error('mine')
    await watched.follow('key', () => {
      throw thrown
    })
    await watched.follow('key', (change) => heard.push(change))
    await watched.write([A])
    expect(heard).toHaveLength(1)
    expect(failures).toEqual([thrown])
  })

  it('let a listener write without waiting for itself', async () => {
    const { watched } = await opened()
    const heard: string[] = []
    let answer: Promise<unknown> | undefined
    await watched.follow('key', ({ id }) => {
      heard.push(id)
      if (id === 'a') answer = watched.write([{ kind: 'key', id: 'b', body: {} }])
    })
    await watched.write([A])
    await answer
    expect(heard).toEqual(['a', 'b'])
  })

  it('tell all anew where the database was restored from before', async () => {
    const { watched, others, database, tick } = await opened()
    const heard: DocumentChange[] = []
    await others.write([A])
    await others.write([A])
    await watched.follow('key', (change) => heard.push(change))
    await database.run(
      {
        name: 'test/back',
        *steps() {
          yield { sql: "UPDATE counters SET value = 1 WHERE name = 'changes'" }
          yield { sql: 'UPDATE documents SET version = 1, changed = 1' }
        },
      },
      {},
    )
    await tick()
    expect(ids(heard)).toEqual(['a@2', 'a@1'])
  })

  it('say nothing more once called off or closed', async () => {
    const { watched, others, tick } = await opened()
    const heard: DocumentChange[] = []
    const callOff = await watched.follow('key', (change) => heard.push(change))
    callOff()
    await watched.write([A])
    await watched.follow('route', (change) => heard.push(change))
    watched.close()
    await others.write([{ kind: 'route', id: 'r', body: {} }])
    await tick()
    expect(heard).toEqual([])
  })

  it('are not looked at again and again where nobody else can write', async () => {
    const options = { url: 'memory:', file: '', durability: 'fast', now: () => 1 } as const
    const database = await openDatabase(options)
    let timers = 0
    const every = (): (() => void) => {
      timers += 1
      return () => undefined
    }
    const watched = new WatchedDocuments(database, { now: () => 1, every, failed: () => undefined })
    const heard: DocumentChange[] = []
    await watched.follow('key', (change) => heard.push(change))
    await watched.write([A])
    expect([timers, ids(heard)]).toEqual([0, ['a@1']])
  })
})
