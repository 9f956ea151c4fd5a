// The loop over targets: who is asked, in what order, and what is known afterwards.
import { describe, expect, it } from 'vitest'
import { wholeExchange, wholeReply } from '../../test/chat-exchange.ts'
import { type ErrorDetails, type ErrorKind, GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatExchange, Exchange, Reply, Target } from '../exchange/exchange.ts'
import type { Happening } from '../exchange/happening.ts'
import { Trail } from '../exchange/trail.ts'
import { type AttemptsOptions, attempts } from './attempts.ts'
import { KeyRing } from './key-ring.ts'
import { TargetHealth } from './target-health.ts'
import { singly } from '../exchange/singly.ts'

const A = { provider: 'a', model: 'm' }
const B = { provider: 'b', model: 'm' }
const C = { provider: 'c', model: 'm' }

function upstream(kind: ErrorKind, details: ErrorDetails = {}): GatewayError {
  return new GatewayError(kind, `${kind} happened`, { origin: 'upstream', ...details })
}

const DOWN = upstream('internal', { upstream: { status: 500 } })
const LIMITED = upstream('rate_limit', { retryAfterMs: 2000, upstream: { status: 429 } })

async function* of(events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  yield* events
}

/** Targets that answer by a script, a clock that only waiting moves, and everything that was seen. */
class Bench {
  nowMs = 0
  readonly asked: string[] = []
  readonly waits: number[] = []
  readonly trail: Trail = new Trail()
  readonly told: Happening[] = []
  readonly health: TargetHealth = new TargetHealth({ clock: () => this.nowMs, random: () => 0.5 })
  readonly #scripts = new Map<string, (GatewayError | Reply)[]>()
  readonly #handler: (exchange: Exchange) => Promise<Reply>

  constructor(options: Partial<AttemptsOptions> = {}) {
    const middleware = attempts({
      health: this.health,
      keys: new KeyRing({
        setOf: () => undefined,
        clock: () => this.nowMs,
        tell: (happening) => this.told.push(happening),
      }),
      clock: () => this.nowMs,
      random: () => 1,
      pause: async (milliseconds) => {
        this.waits.push(milliseconds)
        this.nowMs += milliseconds
      },
      tell: (happening) => this.told.push(happening),
      ...options,
    })
    this.#handler = middleware(async ({ target }) => {
      this.asked.push(target.provider)
      const next = this.#scripts.get(target.provider)?.shift() ?? wholeReply()
      if (next instanceof GatewayError) throw next
      return next
    })
  }

  heard(...types: readonly Happening['type'][]): readonly Happening[] {
    return this.told.filter(({ type }) => types.includes(type))
  }

  script(target: Target, ...answers: readonly (GatewayError | Reply)[]): this {
    this.#scripts.set(target.provider, [...answers])
    return this
  }

  async ask(targets: readonly Target[], changes: Partial<ChatExchange> = {}): Promise<Reply> {
    const [target = A, ...alternatives] = targets
    return this.#handler(wholeExchange({ target, alternatives, trail: this.trail, ...changes }))
  }
}

describe('with other targets', () => {
  it('asks the next one at once when one fails, and says who answered', async () => {
    const bench = new Bench().script(A, DOWN)
    const reply = await bench.ask([A, B, C])
    expect(reply.target).toEqual(B)
    expect(bench.asked).toEqual(['a', 'b'])
    expect(bench.waits).toEqual([])
    expect(String(bench.trail)).toBe('a/m=internal; b/m=ok')
    expect(bench.heard('attempt-failed', 'attempt-answered')).toEqual([
      {
        type: 'attempt-failed',
        id: 'req_1',
        target: A,
        when: 'before-answer',
        error: DOWN,
        elapsedMs: 0,
      },
      { type: 'attempt-answered', id: 'req_1', target: B, elapsedMs: 0, replay: true },
    ])
  })

  it('passes over one whose breaker is open, and says so once', async () => {
    const bench = new Bench().script(A, ...Array.from({ length: 5 }, () => DOWN))
    for (let call = 0; call < 5; call += 1) await bench.ask([A, B])
    const trail = new Trail()
    bench.script(B, DOWN)
    await bench.ask([A, B, C], { trail })
    expect(String(trail)).toBe('a/m=open; b/m=internal; c/m=ok')
    expect(trail.attempts).toHaveLength(2)
    expect(bench.heard('attempt-skipped')).toEqual([
      { type: 'attempt-skipped', id: 'req_1', target: A, state: 'open' },
    ])
  })

  it('tells how an answer ended, and in what it broke', async () => {
    const events = [
      { type: 'response-start', origin: { dialect: 'library' }, model: 'm-2' },
      {
        type: 'part-start',
        index: 0,
        candidate: 0,
        part: {
          type: 'tool-call',
          callId: '1',
          kind: 'function',
          name: 'f',
          arguments: { text: '{"a' },
        },
      },
      { type: 'error', error: DOWN },
    ] as const
    const bench = new Bench().script(A, { kind: 'stream', events: singly(of(events)), notes: [] })
    const reply = await bench.ask([A])
    if (reply.kind === 'stream') for await (const _ of reply.events);
    expect(bench.heard('attempt-ended')).toEqual([
      {
        type: 'attempt-ended',
        id: 'req_1',
        target: A,
        outcome: 'failed',
        heard: { model: 'm-2', phase: 'tool', isEmpty: false },
        elapsedMs: 0,
      },
    ])
  })

  it('tells of a wish to be left alone for longer than is obeyed', async () => {
    const bench = new Bench().script(A, upstream('rate_limit', { retryAfterMs: 1e9 }))
    await bench.ask([A, B])
    const [fact] = bench.heard('retry-hint-clamped')
    expect(fact).toMatchObject({ target: A, saidMs: 1e9, keptMs: 60_000 })
  })

  it('asks three at the most, and throws what the last one said', async () => {
    const last = upstream('timeout', { code: 'first_byte_timeout' })
    const bench = new Bench().script(A, DOWN).script(B, DOWN).script(C, last)
    await expect(bench.ask([A, B, C, { provider: 'd', model: 'm' }])).rejects.toBe(last)
    expect(bench.asked).toEqual(['a', 'b', 'c'])
  })

  it.each(['content_policy', 'invalid_request'] as const)(
    'asks nobody else after %s',
    async (kind) => {
      const bench = new Bench().script(A, upstream(kind))
      await expect(bench.ask([A, B])).rejects.toMatchObject({ kind })
      expect(bench.asked).toEqual(['a'])
    },
  )

  it('asks nobody else once the client has left', async () => {
    const gone = new AbortController()
    const bench = new Bench().script(A, DOWN)
    gone.abort()
    await expect(bench.ask([A, B], { signal: gone.signal })).rejects.toBe(DOWN)
    expect(bench.asked).toEqual(['a'])
  })

  it('puts one that wants to be left alone behind the others for that long', async () => {
    const bench = new Bench().script(A, LIMITED)
    await bench.ask([A, B])
    await bench.ask([A, B])
    bench.nowMs = 2000
    await bench.ask([A, B])
    expect(bench.asked).toEqual(['a', 'b', 'b', 'a'])
  })

  it('passes over one whose breaker is open', async () => {
    const bench = new Bench().script(A, DOWN, DOWN, DOWN, DOWN, DOWN)
    for (let count = 0; count < 5; count += 1) await bench.ask([A, B])
    bench.asked.length = 0
    await bench.ask([A, B])
    expect(bench.asked).toEqual(['b'])
  })

  it('marks an attempt that may repeat work that was done', async () => {
    const bench = new Bench().script(A, upstream('upstream', { code: 'upstream_closed' }))
    await bench.ask([A, B])
    expect(bench.trail.attempts.map(({ replay }) => replay === true)).toEqual([false, true])
  })
})

describe('with one target', () => {
  it('asks again once, after a wait', async () => {
    const bench = new Bench().script(A, DOWN)
    await bench.ask([A])
    expect(bench.asked).toEqual(['a', 'a'])
    expect(bench.waits).toEqual([50])
  })

  it('F040 waits as long as the provider says, and not when that is too long', async () => {
    const bench = new Bench().script(A, LIMITED)
    await bench.ask([A])
    expect(bench.waits).toEqual([2000])
    const long = upstream('rate_limit', { retryAfterMs: 60_000 })
    const other = new Bench().script(A, long)
    await expect(other.ask([A])).rejects.toBe(long)
    expect(other.asked).toEqual(['a'])
  })

  it('does not wait past the half of what the caller has left', async () => {
    const bench = new Bench().script(A, LIMITED)
    await expect(bench.ask([A], { deadlineMs: 3000 })).rejects.toBe(LIMITED)
    expect(bench.waits).toEqual([])
  })

  it('does not do a stored answer twice', async () => {
    const bench = new Bench().script(A, DOWN)
    const request = { ...wholeExchange().request, service: { store: true } }
    const asked = bench.ask([A], { request })
    await expect(asked).rejects.toBe(DOWN)
    expect(bench.asked).toEqual(['a'])
  })

  it('refuses at once while its breaker is open, but for one call that tries', async () => {
    const bench = new Bench({ maxAttempts: 1 })
    bench.script(A, ...Array.from({ length: 5 }, () => DOWN))
    for (let count = 0; count < 5; count += 1) await expect(bench.ask([A])).rejects.toBe(DOWN)
    const hanging = Promise.withResolvers<ChatEvent>()
    const stream: Reply = {
      kind: 'stream',
      notes: [],
      events: (async function* () {
        yield [await hanging.promise]
      })(),
    }
    bench.script(A, stream)
    const trial = await bench.ask([A])
    await expect(bench.ask([A])).rejects.toMatchObject({
      kind: 'overloaded',
      code: 'target_unavailable',
      retryAfterMs: 5000,
    })
    hanging.resolve({ type: 'response-end' })
    if (trial.kind === 'stream') for await (const _ of trial.events);
    expect(bench.health.standing(A).state).toBe('slow-start')
  })
})

describe('a target that failed too often just now', () => {
  it('is asked last, once everybody else has failed', async () => {
    const bench = new Bench()
    for (let count = 0; count < 3; count += 1) {
      bench.script(A, DOWN, DOWN)
      await expect(bench.ask([A])).rejects.toBe(DOWN)
    }
    expect(bench.health.standing(A).state).toBe('open')
    bench.asked.length = 0
    bench.script(A).script(B, DOWN)
    const reply = await bench.ask([A, B])
    expect(reply.target).toEqual(A)
    expect(bench.asked).toEqual(['b', 'a'])
    expect(bench.health.standing(A).inFlight).toBe(0)
  })
})

describe('afterwards', () => {
  it('a stream that breaks in the middle counts against its target', async () => {
    const error = upstream('upstream', { code: 'upstream_truncated' })
    const bench = new Bench()
    for (let count = 0; count < 5; count += 1) {
      bench.script(A, { kind: 'stream', notes: [], events: singly(of([{ type: 'error', error }])) })
      const reply = await bench.ask([A])
      if (reply.kind === 'stream') for await (const _ of reply.events);
    }
    expect(bench.health.standing(A)).toMatchObject({
      state: 'open',
      inFlight: 0,
      lastFailure: 'upstream_truncated',
    })
  })

  it('a client’s mistakes do not count against a target, nor do limits', async () => {
    const bench = new Bench({ maxAttempts: 1 })
    for (const error of [upstream('invalid_request'), LIMITED, upstream('auth')]) {
      for (let count = 0; count < 10; count += 1) {
        bench.script(A, error)
        await expect(bench.ask([A])).rejects.toBe(error)
      }
    }
    expect(bench.health.standing(A).state).toBe('closed')
  })

  it('retries stop when they have cost too much, and not before', async () => {
    const bench = new Bench()
    const always = Array.from({ length: 200 }, () => DOWN)
    let retries = 0
    // A provider of many models: no breaker opens, the budget is the provider's.
    for (let count = 0; count < 60; count += 1) {
      bench.script(A, ...always)
      bench.asked.length = 0
      await expect(bench.ask([{ provider: 'a', model: `m${count}` }])).rejects.toBe(DOWN)
      retries += bench.asked.length - 1
    }
    expect(retries).toBe(35)
  })

  it('nothing is held once every call has ended', async () => {
    const bench = new Bench().script(A, DOWN, LIMITED).script(B, DOWN, DOWN)
    await expect(bench.ask([A, B])).rejects.toBe(DOWN)
    await bench.ask([A, B])
    for (const target of [A, B]) expect(bench.health.standing(target).inFlight).toBe(0)
  })
})
