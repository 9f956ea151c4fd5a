// Two targets at once: when, for whom, who wins, what becomes of the other. The clock is the test's own.
import { describe, expect, it } from 'vitest'
import { chatExchange, wholeReply } from '../../test/chat-exchange.ts'
import { settled } from '../../test/server-fakes.ts'
import { costOfNano } from '../canonical/cost.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { HedgeRule } from '../exchange/choice.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import type { Happening } from '../exchange/happening.ts'
import { Trail } from '../exchange/trail.ts'
import { attempts } from './attempts.ts'
import { Hedging } from './hedging.ts'
import { KeyRing } from './key-ring.ts'
import type { Pause } from './pause.ts'
import { TargetHealth } from './target-health.ts'
import { singly } from '../exchange/singly.ts'

const A = { provider: 'a', model: 'm' }
const B = { provider: 'b', model: 'm' }

const DOWN = new GatewayError('upstream', 'gone', { origin: 'upstream', code: 'upstream_lost' })

/** A target whose answers come when the test says so. */
class Station {
  readonly asked: Exchange[] = []
  readonly #answers: PromiseWithResolvers<Reply>[] = []

  async handle(exchange: Exchange): Promise<Reply> {
    this.asked.push(exchange)
    const answer = Promise.withResolvers<Reply>()
    this.#answers.push(answer)
    exchange.signal.addEventListener('abort', () => answer.reject(exchange.signal.reason))
    return answer.promise
  }

  /** The latest call. */
  begin(reply: Reply = wholeReply()): void {
    this.#answers.at(-1)?.resolve(reply)
  }

  fail(): void {
    this.#answers.at(-1)?.reject(DOWN)
  }
}

interface Waiter {
  readonly at: number
  readonly go: () => void
}

class Bench {
  nowMs = 0
  readonly a: Station = new Station()
  readonly b: Station = new Station()
  readonly told: Happening[] = []
  readonly health: TargetHealth = new TargetHealth({ clock: () => this.nowMs, random: () => 0.5 })
  readonly #waiting: Waiter[] = []
  readonly #rule: HedgeRule
  readonly #handler: (exchange: Exchange) => Promise<Reply>

  constructor(rule: HedgeRule = { delayMs: 500, maxShare: 1 }) {
    this.#rule = rule
    const clock = (): number => this.nowMs
    const pause: Pause = (milliseconds, signal) =>
      new Promise((resolve) => {
        this.#waiting.push({ at: this.nowMs + milliseconds, go: resolve })
        signal.addEventListener('abort', () => resolve())
      })
    const tell = (happening: Happening): void => void this.told.push(happening)
    this.#handler = attempts({
      health: this.health,
      keys: new KeyRing({ setOf: () => undefined, clock, tell }),
      clock,
      random: () => 0.5,
      pause,
      tell,
      hedging: new Hedging({ clock, pause, tell, inputCostOf: async () => costOfNano(7) }),
    })(async (exchange) => (exchange.target.provider === 'a' ? this.a : this.b).handle(exchange))
  }

  async pass(milliseconds: number): Promise<void> {
    this.nowMs += milliseconds
    for (const { at, go } of this.#waiting) if (at <= this.nowMs) go()
    await settled()
  }

  ask(request: Partial<ChatRequest> = {}): {
    readonly trail: Trail
    readonly reply: Promise<Reply>
  } {
    const trail = new Trail()
    const exchange = chatExchange()
    const reply = this.#handler({
      ...exchange,
      request: { ...exchange.request, ...request },
      target: A,
      alternatives: [B],
      choice: {
        route: 'smart',
        strategy: 'priority',
        candidates: [],
        unusable: [],
        hedge: this.#rule,
      },
      trail,
    })
    reply.catch(() => undefined)
    return { trail, reply }
  }

  /** So many calls that A begins to answer after so long. */
  async calls(count: number, milliseconds: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      const { reply } = this.ask()
      await settled()
      await this.pass(milliseconds)
      this.a.begin()
      await reply
    }
  }

  ended(): readonly Happening[] {
    return this.told.filter(({ type }) => type === 'hedge-ended')
  }
}

describe('a target that is slow to begin', () => {
  it('gets a rival, which answers; the slow one is cut at once, and only its reading is on record', async () => {
    const bench = new Bench()
    const { reply, trail } = bench.ask()
    await bench.pass(499)
    expect(bench.b.asked).toEqual([])
    await bench.pass(1)
    expect(bench.b.asked).toHaveLength(1)
    bench.b.begin()
    expect((await reply).target).toEqual(B)
    expect(bench.a.asked[0]?.signal.aborted).toBe(true)
    await settled()
    expect(String(trail)).toBe('b/m#hedge=ok; a/m=hedge_lost')
    expect(bench.ended()).toEqual([
      { type: 'hedge-ended', id: 'req_1', hedge: 'won', winner: B, loser: A, cost: costOfNano(7) },
    ])
    expect(bench.told.some(({ type }) => type === 'attempt-failed')).toBe(false)
    for (const target of [A, B]) expect(bench.health.standing(target).inFlight).toBe(0)
    expect(bench.health.standing(A).lastFailure).toBeUndefined()
  })

  it('may still win, and the rival is cut', async () => {
    const bench = new Bench()
    const { reply, trail } = bench.ask()
    await bench.pass(500)
    bench.a.begin()
    expect((await reply).target).toEqual(A)
    expect(bench.b.asked[0]?.signal.aborted).toBe(true)
    await settled()
    expect(String(trail)).toBe('a/m=ok; b/m#hedge=hedge_lost')
    expect(bench.ended()).toMatchObject([{ hedge: 'lost', winner: A, loser: B }])
  })

  it('that fails leaves the call to its rival', async () => {
    const bench = new Bench()
    const { reply, trail } = bench.ask()
    await bench.pass(500)
    bench.a.fail()
    await settled()
    bench.b.begin()
    expect((await reply).target).toEqual(B)
    expect(String(trail)).toBe('a/m=upstream_lost; b/m#hedge=ok')
    expect(bench.b.asked).toHaveLength(1)
  })

  it('and its rival may both fail: then the call has failed, and nobody is asked again', async () => {
    const bench = new Bench()
    const { reply } = bench.ask()
    await bench.pass(500)
    bench.b.fail()
    await settled()
    bench.a.fail()
    await expect(reply).rejects.toBe(DOWN)
    expect(bench.ended()).toMatchObject([{ hedge: 'failed', loser: expect.anything() }])
  })

  it('and its rival may begin in the same moment: one of them is let go, whole', async () => {
    const bench = new Bench()
    let left = false
    async function* events(): AsyncGenerator<ChatEvent> {
      try {
        yield { type: 'ping' }
        yield { type: 'ping' }
      } finally {
        left = true
      }
    }
    const late = events()
    await late.next()
    const { reply } = bench.ask()
    await bench.pass(500)
    bench.a.begin()
    bench.b.begin({ kind: 'stream', notes: [], events: singly(late) })
    expect((await reply).target).toEqual(A)
    await settled()
    expect(left).toBe(true)
    for (const target of [A, B]) expect(bench.health.standing(target).inFlight).toBe(0)
  })
})

describe('no rival is asked', () => {
  it('of a target that begins in time', async () => {
    const bench = new Bench()
    await bench.calls(5, 499)
    expect(bench.b.asked).toEqual([])
  })

  it.each([
    ['is kept by its provider', { service: { store: true } }],
    [
      'may run a tool that does something',
      {
        tools: [
          {
            kind: 'native',
            dialect: 'x',
            name: 'code',
            native: {},
            purpose: { what: 'code-execution' },
          },
        ],
      },
    ],
  ] as const)('for an answer that %s', async (_, request) => {
    const bench = new Bench()
    const { reply } = bench.ask(request)
    await bench.pass(5000)
    expect(bench.b.asked).toEqual([])
    bench.a.begin()
    await reply
  })

  it('for an answer that fails before it is late: the next target is asked as ever', async () => {
    const bench = new Bench()
    const { reply, trail } = bench.ask()
    await settled()
    bench.a.fail()
    await settled()
    bench.b.begin()
    await reply
    expect(String(trail)).toBe('a/m=upstream_lost; b/m=ok')
  })

  it('beyond the share of calls that may have one', async () => {
    const bench = new Bench({ delayMs: 100, maxShare: 0.05 })
    await bench.calls(100, 200)
    expect(bench.b.asked).toHaveLength(5)
  })

  it('once hedges have spent the budget of retries', async () => {
    const bench = new Bench({ delayMs: 100, maxShare: 1 })
    // Each costs 14, and each good call gives 1 back: 500 are gone after 38.
    await bench.calls(60, 200)
    expect(bench.b.asked.length).toBeLessThan(45)
    expect(bench.told).toContainEqual(
      expect.objectContaining({ type: 'retry-denied', reason: 'budget' }),
    )
  })

  it('where its breaker is open', async () => {
    const bench = new Bench()
    for (let count = 0; count < 5; count += 1) {
      const entry = bench.health.enter(B)
      if (entry !== undefined) bench.health.end(entry, 'failed')
    }
    const { reply } = bench.ask()
    await bench.pass(5000)
    expect(bench.b.asked).toEqual([])
    bench.a.begin()
    await reply
  })
})

describe('without a delay of its own', () => {
  it('a target is late when it takes longer than 95 of 100 of its answers, and 500 ms at the least', async () => {
    const bench = new Bench({ maxShare: 1 })
    await bench.calls(20, 800)
    const { reply } = bench.ask()
    await bench.pass(799)
    expect(bench.b.asked).toEqual([])
    await bench.pass(1)
    expect(bench.b.asked).toHaveLength(1)
    bench.b.begin()
    await reply

    const quick = new Bench({ maxShare: 1 })
    await quick.calls(20, 10)
    const late = quick.ask()
    await quick.pass(499)
    expect(quick.b.asked).toEqual([])
    await quick.pass(1)
    expect(quick.b.asked).toHaveLength(1)
    quick.b.begin()
    await late.reply
  })

  it('a target of which little is known is not late', async () => {
    const bench = new Bench({ maxShare: 1 })
    await bench.calls(19, 800)
    const { reply } = bench.ask()
    await bench.pass(100_000)
    expect(bench.b.asked).toEqual([])
    bench.a.begin()
    await reply
  })
})
