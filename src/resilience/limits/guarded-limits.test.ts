// What holds while the shared count is lost, and what is made good when it is back.
import { describe, expect, it } from 'vitest'
import { limitStoreContract } from './limit-store.contract.ts'
import { GuardedLimits } from './guarded-limits.ts'
import type { Happening } from '../../exchange/happening.ts'
import type {
  Charge,
  ConcurrencyTake,
  LimitStore,
  RateTake,
  SharedLimitStore,
  Take,
  Denied,
  Granted,
} from './limit.ts'
import { MemoryLimits } from './memory-limits.ts'

/** A shared count that can be lost. */
class Shared implements SharedLimitStore {
  lost = false
  readonly #store: MemoryLimits

  constructor(clock: () => number) {
    this.#store = new MemoryLimits(clock)
  }

  async take(takes: readonly Take[]): Promise<Granted | Denied> {
    this.#assertThere()
    return { ...this.#store.take(takes), mode: 'shared' }
  }

  async charge(charges: readonly Charge[]): Promise<void> {
    this.#assertThere()
    return this.#store.charge(charges)
  }

  async renew(...[takes]: Parameters<LimitStore['renew']>): Promise<void> {
    this.#assertThere()
    return this.#store.renew(takes)
  }

  async release(...[takes]: Parameters<LimitStore['release']>): Promise<void> {
    this.#assertThere()
    return this.#store.release(takes)
  }

  async check(): Promise<void> {
    this.#assertThere()
  }

  async adopt(takes: readonly ConcurrencyTake[]): Promise<void> {
    this.#assertThere()
    this.#store.hold(takes)
  }

  async close(): Promise<void> {
    return this.#store.close()
  }

  #assertThere(): void {
    if (this.lost) throw new Error('lost')
  }
}

class Bench {
  nowMs = 1_700_000_000_000
  readonly clock = (): number => this.nowMs
  readonly shared: Shared = new Shared(this.clock)
  readonly doors: readonly GuardedLimits[]
  readonly happened: Happening[] = []

  constructor(instances: number = 1, slice: number = 0.02) {
    this.doors = Array.from({ length: instances }, () => {
      const own = new MemoryLimits(this.clock)
      return new GuardedLimits({
        shared: this.shared,
        own,
        instances,
        clock: this.clock,
        random: () => 0.5,
        tell: (happening) => this.happened.push(happening),
        slice,
      })
    })
  }

  async granted(take: Take, door: number = 0): Promise<boolean> {
    return (await this.doors[door]?.take([take]))?.granted ?? false
  }

  /** How much of it is granted when it is asked for until nothing comes, at every door in turn. */
  async spent(take: RateTake): Promise<number> {
    let spent = 0
    for (const door of this.doors.keys()) {
      while (await this.granted(take, door)) spent += take.cost
    }
    return spent
  }
}

const TOKENS: RateTake = {
  kind: 'rate',
  key: 'tokens',
  limit: 1000,
  periodMs: 3_600_000,
  cost: 10,
  onLoss: 'leased',
}

limitStoreContract(
  'guarded limits',
  () => {
    const bench = new Bench(2)
    const [store, other] = bench.doors
    if (store === undefined || other === undefined) throw new Error('two doors')
    return Promise.resolve({
      store,
      other,
      pass: (milliseconds: number) => {
        bench.nowMs += milliseconds
        return Promise.resolve()
      },
      close: () => store.close(),
    })
  },
  { slackMs: 1, runs: 300 },
)

describe('while the shared count is lost', () => {
  it('closed: nothing passes, and the caller hears when to come again', async () => {
    const bench = new Bench()
    bench.shared.lost = true
    const answer = await bench.doors[0]?.take([{ ...TOKENS, onLoss: 'closed' }])
    expect(answer).toMatchObject({ granted: false, at: 0, retryAfterMs: 1000 })
  })

  it('local share: each gateway counts its part of the limit', async () => {
    const bench = new Bench(4)
    bench.shared.lost = true
    const requests = { ...TOKENS, limit: 100, cost: 1, onLoss: 'local_share' } as const
    expect(await bench.spent(requests)).toBe(100)
  })

  it('leased: only what was set aside is spent, so that the limit holds over all gateways', async () => {
    const bench = new Bench(3)
    let spent = 0
    for (const door of bench.doors.keys()) if (await bench.granted(TOKENS, door)) spent += 10
    bench.shared.lost = true
    const alone = await bench.spent(TOKENS)
    expect(alone).toBe(60)
    bench.shared.lost = false
    bench.nowMs += 5000
    spent += alone + (await bench.spent(TOKENS))
    expect(spent).toBeLessThanOrEqual(1000)
    expect(spent).toBeGreaterThanOrEqual(900)
  })

  it('leased: a gateway that has set nothing aside spends nothing', async () => {
    const bench = new Bench()
    bench.shared.lost = true
    expect(await bench.granted(TOKENS)).toBe(false)
  })

  it('leased: what was set aside in an earlier period is no longer spent', async () => {
    const bench = new Bench()
    await bench.granted(TOKENS)
    bench.shared.lost = true
    bench.nowMs += TOKENS.periodMs
    expect(await bench.granted(TOKENS)).toBe(false)
  })

  it('takes nothing of one limit where another refuses', async () => {
    const bench = new Bench()
    await bench.granted(TOKENS)
    bench.shared.lost = true
    const open = { ...TOKENS, key: 'requests', limit: 1, cost: 1, onLoss: 'local_share' } as const
    const answer = await bench.doors[0]?.take([open, { ...TOKENS, cost: 1000 }])
    expect(answer).toMatchObject({ granted: false, at: 1 })
    expect(await bench.granted(open)).toBe(true)
  })

  it('does not ask the lost count for every call', async () => {
    const bench = new Bench()
    bench.shared.lost = true
    const requests = { ...TOKENS, onLoss: 'local_share' } as const
    for (let count = 0; count < 5; count += 1) await bench.granted(requests)
    bench.shared.lost = false
    expect(await bench.shared.take([{ ...requests, cost: 1000 }])).toMatchObject({ granted: true })
  })
})

it('what was counted alone is told when the count is back', async () => {
  const bench = new Bench()
  const requests = { ...TOKENS, onLoss: 'local_share' } as const
  bench.shared.lost = true
  for (let count = 0; count < 40; count += 1) await bench.granted(requests)
  bench.shared.lost = false
  bench.nowMs += 5000
  const answer = await bench.doors[0]?.take([requests])
  expect(answer?.standings[0]?.remaining).toBe(1000 - 400 - 10)
})

it('nothing is given back twice: what was given back while the count was lost may have arrived', async () => {
  const bench = new Bench()
  const take = { ...TOKENS, cost: 500, onLoss: 'closed' } as const
  await bench.granted(take)
  bench.shared.lost = true
  await bench.doors[0]?.charge([{ take, amount: -500 }])
  bench.shared.lost = false
  bench.nowMs += 5000
  expect(await bench.spent({ ...take, cost: 100 })).toBe(500)
})

it('charges that could not be told are told when the count is back', async () => {
  const bench = new Bench()
  const take = { ...TOKENS, onLoss: 'local_share' } as const
  await bench.granted(take)
  bench.shared.lost = true
  await bench.doors[0]?.charge([{ take, amount: 500 }])
  bench.shared.lost = false
  bench.nowMs += 5000
  const answer = await bench.doors[0]?.take([take])
  expect(answer?.standings[0]?.remaining).toBe(1000 - 10 - 500 - 10 + 1)
})

async function lost(): Promise<{ bench: Bench; door: GuardedLimits; back: () => void }> {
  const bench = new Bench(2)
  const [door] = bench.doors
  if (door === undefined) throw new Error('a door')
  const back = (): void => {
    bench.shared.lost = false
    bench.nowMs += 5000
  }
  return { bench, door, back }
}

describe('places of calls at once', () => {
  const SEAT = { kind: 'concurrency', key: 'seats', limit: 4, ttlMs: 60_000 } as const
  const seat = (holder: string): ConcurrencyTake => ({ ...SEAT, holder })

  it('who runs already when the count is lost takes of the part that may run', async () => {
    const { bench, door } = await lost()
    for (const holder of ['a', 'b', 'c']) await door.take([seat(holder)])
    bench.shared.lost = true
    expect((await door.take([seat('d')])).granted).toBe(false)
    await door.release([seat('a'), seat('b')])
    expect((await door.take([seat('d')])).granted).toBe(true)
  })

  it('who left while the count was lost leaves no place behind when it is back', async () => {
    const { bench, door, back } = await lost()
    for (const holder of ['a', 'b', 'c', 'd']) await door.take([seat(holder)])
    bench.shared.lost = true
    await door.release([seat('a'), seat('b'), seat('c'), seat('d')])
    back()
    await door.look()
    const answer = await bench.shared.take([seat('e')])
    expect(answer).toMatchObject({ granted: true, standings: [{ remaining: 3 }] })
  })

  it('who came while the count was lost has a place in it when it is back', async () => {
    const { bench, door, back } = await lost()
    bench.shared.lost = true
    for (const holder of ['a', 'b']) await door.take([seat(holder)])
    back()
    await door.look()
    expect(await bench.shared.take([seat('c')])).toMatchObject({ standings: [{ remaining: 1 }] })
    await door.release([seat('a')])
    expect(await bench.shared.take([seat('d')])).toMatchObject({ standings: [{ remaining: 1 }] })
  })
})

async function leases(slice: number): Promise<readonly Happening[]> {
  const bench = new Bench(1, slice)
  await bench.granted(TOKENS)
  await bench.granted(TOKENS)
  return bench.happened.filter(({ type }) => type === 'limiter-leased')
}

describe('what is told', () => {
  it('each decision says how it was come to', async () => {
    const bench = new Bench()
    const modes = async (): Promise<readonly string[]> => {
      const says = ['local_share', 'leased', 'closed'] as const
      const answers = says.map(async (onLoss) =>
        bench.doors[0]?.take([{ ...TOKENS, key: onLoss, onLoss }]),
      )
      return (await Promise.all(answers)).map((answer) => answer?.mode ?? '')
    }
    expect(await modes()).toEqual(['shared', 'shared', 'shared'])
    bench.shared.lost = true
    expect(await modes()).toEqual(['local', 'leased', 'closed'])
  })

  it('that the count is lost and that it is back, once each, and every time it was asked', async () => {
    const bench = new Bench()
    const requests = { ...TOKENS, onLoss: 'local_share' } as const
    bench.shared.lost = true
    for (let count = 0; count < 5; count += 1) await bench.granted(requests)
    expect(bench.doors[0]?.isLost).toBe(true)
    bench.shared.lost = false
    bench.nowMs += 5000
    await bench.doors[0]?.look()
    expect(bench.doors[0]?.isLost).toBe(false)
    const turns = bench.happened.filter(({ type }) => type === 'limiter-backend')
    expect(turns).toEqual([
      { type: 'limiter-backend', state: 'down', reason: 'unknown' },
      { type: 'limiter-backend', state: 'up' },
    ])
    const asked = bench.happened.filter((happening) => happening.type === 'limiter-asked')
    expect(asked.map(({ answered }) => answered)).toEqual([false, false, true])
  })

  it('what is set aside, and nothing is where that is not wanted', async () => {
    expect(await leases(0.1)).toEqual([{ type: 'limiter-leased', key: 'tokens', amount: 100 }])
    expect(await leases(0)).toEqual([])
  })
})
