// The cache as a step of a call: what it asks of its store, whom it lets wait, and what it tells.
import { describe, expect, it } from 'vitest'
import { settled } from '../../../test/server-fakes.ts'
import type { ChatExchange, EmbedExchange, Handler, Reply } from '../../exchange/exchange.ts'
import type { Happening } from '../../exchange/happening.ts'
import { CACHE, type CacheSettings, cached } from './cached.ts'
import { MemoryEntries } from './memory-entries.ts'

const EXCHANGE: ChatExchange = {
  operation: 'chat',
  id: 'one',
  target: { provider: 'p', model: 'm' },
  policy: 'default',
  signal: new AbortController().signal,
  cache: { mode: 'use' },
  request: {
    origin: { dialect: 'fake' },
    model: 'm',
    turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    sampling: {},
    stream: { enabled: false },
  },
}

function whole(text: string): Reply {
  return {
    kind: 'whole',
    notes: [],
    response: {
      origin: { dialect: 'fake' },
      model: 'm',
      candidates: [{ index: 0, parts: [{ type: 'text', text }], finish: { reason: 'stop' } }],
    },
  }
}

/** A store that can be lost. */
class Store extends MemoryEntries {
  lost = false

  override async get(key: string): Promise<string | undefined> {
    if (this.lost) throw new Error('lost')
    return super.get(key)
  }

  override async set(...args: Parameters<MemoryEntries['set']>): Promise<void> {
    if (this.lost) throw new Error('lost')
    return super.set(...args)
  }
}

class Bench {
  readonly store: Store = new Store({ maxEntries: 9, maxBytes: 100_000, clock: () => 0 })
  readonly happened: Happening[] = []
  made = 0
  waiting = 0
  /** Ends the wait of those who wait for another. */
  enough: () => void = () => undefined

  handler(answer: Handler, settings: Partial<CacheSettings> = {}): Handler {
    return cached({
      ...CACHE,
      ...settings,
      store: this.store,
      clock: () => 0,
      pause: (_, signal) =>
        new Promise((resolve) => {
          this.waiting += 1
          this.enough = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        }),
      tell: (happening) => this.happened.push(happening),
    })((exchange) => {
      this.made += 1
      return answer(exchange)
    })
  }

  get facts(): readonly string[] {
    return this.happened.map((one) => ('reason' in one ? `${one.type} ${one.reason}` : one.type))
  }
}

describe('a lost store', () => {
  it('is passed by, on the way in and on the way out', async () => {
    const bench = new Bench()
    const handler = bench.handler(async () => whole('Hello.'))
    bench.store.lost = true
    expect((await handler(EXCHANGE)).cached).toEqual({ state: 'bypass' })
    bench.store.lost = false
    const lostLater = bench.handler(async () => {
      bench.store.lost = true
      return whole('Hello.')
    })
    expect((await lostLater(EXCHANGE)).cached).toEqual({ state: 'miss' })
    await settled()
    expect(bench.facts).toEqual([
      'cache-bypassed store-lost',
      'cache-miss',
      'cache-bypassed store-lost',
    ])
  })

  it('with something else in it than was put there is no answer', async () => {
    const bench = new Bench()
    const handler = bench.handler(async () => whole('Hello.'))
    await handler(EXCHANGE)
    await settled()
    expect((await handler(EXCHANGE)).cached?.state).toBe('hit')
    bench.store.get = async () => '{"version":1'
    expect((await handler(EXCHANGE)).cached?.state).toBe('miss')
  })
})

describe('who waits for another', () => {
  it('waits no longer than is set, and is then called for itself', async () => {
    const bench = new Bench()
    const first = Promise.withResolvers<Reply>()
    const handler = bench.handler(async () => (bench.made === 1 ? first.promise : whole('Second.')))
    const slow = handler(EXCHANGE)
    await expect.poll(() => bench.made).toBe(1)
    const impatient = handler(EXCHANGE)
    await expect.poll(() => bench.waiting).toBe(1)
    expect(bench.made).toBe(1)
    bench.enough()
    expect((await impatient).cached).toEqual({ state: 'miss' })
    expect(bench.made).toBe(2)
    first.resolve(whole('First.'))
    expect((await slow).cached).toEqual({ state: 'miss' })
  })

  it('is called for itself when the other fails', async () => {
    const bench = new Bench()
    const first = Promise.withResolvers<Reply>()
    const handler = bench.handler(async () => (bench.made === 1 ? first.promise : whole('Second.')))
    const failing = handler(EXCHANGE)
    await expect.poll(() => bench.made).toBe(1)
    const other = handler(EXCHANGE)
    await expect.poll(() => bench.waiting).toBe(1)
    first.reject(new Error('no'))
    await expect(failing).rejects.toThrow('no')
    expect(await other).toMatchObject({ cached: { state: 'miss' } })
  })

  it('stops waiting when its own client has gone', async () => {
    const bench = new Bench()
    const first = Promise.withResolvers<Reply>()
    const handler = bench.handler(async ({ signal }) => {
      if (bench.made > 1) throw signal.reason
      return first.promise
    })
    const slow = handler(EXCHANGE)
    await expect.poll(() => bench.made).toBe(1)
    const gone = new AbortController()
    const leaving = handler({ ...EXCHANGE, signal: gone.signal })
    await expect.poll(() => bench.waiting).toBe(1)
    gone.abort(new Error('gone'))
    await expect(leaving).rejects.toThrow('gone')
    first.resolve(whole('First.'))
    await slow
  })
})

it('what is no chat passes by', async () => {
  const bench = new Bench()
  const vectors: Reply = {
    kind: 'vectors',
    notes: [],
    response: { origin: { dialect: 'fake' }, model: 'm', vectors: [] },
  }
  const embed: EmbedExchange = {
    ...EXCHANGE,
    operation: 'embed',
    request: { origin: { dialect: 'fake' }, model: 'm', inputs: [] },
  }
  const handler = bench.handler(async () => vectors)
  expect((await handler(embed)).cached).toEqual({ state: 'bypass' })
  expect(bench.facts).toEqual(['cache-bypassed operation'])
})
