// F147 Two gateways, one count, and lines that are cut, heal and lose answers, in any order: leased limits are never passed.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { settled } from '../../../test/server-fakes.ts'
import { GuardedLimits } from './guarded-limits.ts'
import type {
  Charge,
  ConcurrencyTake,
  RateTake,
  SharedLimitStore,
  Take,
  Denied,
  Granted,
} from './limit.ts'
import { MemoryLimits } from './memory-limits.ts'

/** `deaf`: what is asked is done, and its answer does not arrive. */
type State = 'whole' | 'cut' | 'deaf'

/** One gateway's line to the one count. */
class Line implements SharedLimitStore {
  state: State = 'whole'
  readonly #count: MemoryLimits

  constructor(count: MemoryLimits) {
    this.#count = count
  }

  async take(takes: readonly Take[]): Promise<Granted | Denied> {
    return this.#over(async () => this.#count.take(takes))
  }

  async charge(charges: readonly Charge[]): Promise<void> {
    return this.#over(async () => this.#count.charge(charges))
  }

  async renew(takes: readonly ConcurrencyTake[]): Promise<void> {
    return this.#over(async () => this.#count.renew(takes))
  }

  async release(takes: readonly ConcurrencyTake[]): Promise<void> {
    return this.#over(async () => this.#count.release(takes))
  }

  async adopt(takes: readonly ConcurrencyTake[]): Promise<void> {
    return this.#over(async () => this.#count.hold(takes))
  }

  async check(): Promise<void> {
    return this.#over(async () => undefined)
  }

  async close(): Promise<void> {}

  async #over<T>(work: () => Promise<T>): Promise<T> {
    if (this.state === 'cut') throw new Error('cut')
    const answer = await work()
    if (this.state === 'deaf') throw new Error('deaf')
    return answer
  }
}

const LIMIT = 300
const DAY_MS = 86_400_000
const TOKENS = {
  kind: 'rate',
  key: 'tokens',
  limit: LIMIT,
  periodMs: DAY_MS,
  onLoss: 'leased',
} as const

type Step =
  | { readonly do: 'line'; readonly door: number; readonly state: State }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'call'; readonly door: number; readonly cost: number; readonly used: number }

const door = fc.integer({ min: 0, max: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('line'),
      door,
      state: fc.constantFrom<State>('whole', 'cut', 'deaf'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 1, max: 3000 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('call'),
      door,
      cost: fc.integer({ min: 1, max: 60 }),
      /** Of what was set aside, in percent. */
      used: fc.constantFrom(0, 50, 100, 100),
    }),
  },
)

/** All is well again, and everybody wants what is left. */
const AFTERWARDS: readonly Step[] = [
  { do: 'line', door: 0, state: 'whole' },
  { do: 'line', door: 1, state: 'whole' },
  { do: 'pass', ms: 5000 },
  ...Array.from({ length: 40 }, (_, at): Step => {
    return { do: 'call', door: at % 2, cost: 10, used: 100 }
  }),
]

class World {
  nowMs = 1_700_000_000_000
  /** What providers have really given. */
  spent = 0
  readonly #lines: readonly Line[]
  readonly #doors: readonly GuardedLimits[]

  constructor() {
    const clock = (): number => this.nowMs
    const count = new MemoryLimits(clock)
    this.#lines = [new Line(count), new Line(count)]
    this.#doors = this.#lines.map((shared) => {
      const own = new MemoryLimits(clock)
      const rest = { clock, random: () => 0.5, tell: () => undefined, slice: 0.1 }
      return new GuardedLimits({ shared, own, instances: 2, ...rest })
    })
  }

  async go(step: Step): Promise<void> {
    switch (step.do) {
      case 'line': {
        const line = this.#lines[step.door]
        if (line !== undefined) line.state = step.state
        return
      }
      case 'pass':
        this.nowMs += step.ms
        return
      case 'call':
        await this.#call(step)
        await settled()
    }
  }

  async #call({ door: at, cost, used }: Extract<Step, { do: 'call' }>): Promise<void> {
    const take: RateTake = { ...TOKENS, cost }
    const limits = this.#doors[at]
    if ((await limits?.take([take]))?.granted !== true) return
    const real = Math.round((cost * used) / 100)
    this.spent += real
    if (real !== cost) await limits?.charge([{ take, amount: real - cost }])
  }
}

it('what was really spent never passes the limit, whatever happens to the lines', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
      const world = new World()
      for (const one of [...steps, ...AFTERWARDS]) await world.go(one)
      // In the time that has passed, less than this comes back of a day's limit.
      const regained = (125 * 3000 * LIMIT) / DAY_MS
      expect(world.spent).toBeLessThanOrEqual(LIMIT + regained)
    }),
    { numRuns: 300 },
  )
})
