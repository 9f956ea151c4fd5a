// A call passes all its limits or none, and what it took is settled once, however it ends.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../../test/context.ts'
import { FakeTime, settled } from '../../../test/server-fakes.ts'
import { type ErrorDetails, type ErrorKind, GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import { totalTokens } from '../../canonical/usage.ts'
import type { ToldLimit } from '../../canonical/limit-standing.ts'
import type { ChatExchange, Handler, Reply } from '../../exchange/exchange.ts'
import type { Happening } from '../../exchange/happening.ts'
import type { Estimating } from '../../exchange/usage-estimate.ts'
import { type LimitRule, appliedLimits, providerRate } from './limit-rule.ts'
import { limited } from './limited.ts'
import { MemoryLimits } from './memory-limits.ts'
import { singly } from '../../exchange/singly.ts'

const ORIGIN = { dialect: 'library' }
const START: ChatEvent = { type: 'response-start', origin: ORIGIN, model: 'm' }
const USAGE: ChatEvent = {
  type: 'usage-update',
  usage: { input: { total: 10 }, output: { total: 20 } },
}
const END: ChatEvent = { type: 'response-end' }

function exchangeFor(provider: string, signal?: AbortSignal): ChatExchange {
  return {
    operation: 'chat',
    id: 'id',
    request: { origin: ORIGIN, model: 'm', turns: [], sampling: {}, stream: { enabled: false } },
    target: { provider, model: 'm' },
    policy: 'default',
    signal: signal ?? new AbortController().signal,
  }
}

function whole(total?: number): Reply {
  const usage = total === undefined ? {} : { usage: { total } }
  return {
    kind: 'whole',
    response: { origin: ORIGIN, model: 'm', candidates: [], ...usage },
    notes: [],
  }
}

function streamed(events: readonly (ChatEvent | GatewayError)[]): Reply {
  async function* steps(): AsyncGenerator<ChatEvent> {
    for (const event of events) {
      if (event instanceof GatewayError) throw event
      yield event
    }
  }
  return { kind: 'stream', events: singly(steps()), notes: [] }
}

/** Ten tokens of input, and one for each event of the answer but its end. */
const guessing: Estimating = () => {
  let heard = 0
  return {
    hear: ({ type }) => {
      if (type !== 'response-end') heard += 1
    },
    read: ({ usage }) => {
      heard += usage === undefined ? 1 : 2
    },
    of: (told) =>
      totalTokens(told) === undefined
        ? { input: { total: 10 }, output: { total: heard }, estimated: true }
        : { ...told },
  }
}

/** Reads so many events, then leaves. */
async function read(reply: Reply, most: number): Promise<void> {
  if (reply.kind !== 'stream') throw new Error('not a stream')
  let count = 0
  try {
    for await (const _ of reply.events) {
      count += 1
      if (count >= most) break
    }
  } catch {
    // The reader's own affair.
  }
}

class Bench {
  readonly time = new FakeTime()
  readonly store: MemoryLimits = new MemoryLimits(this.time.now)
  readonly told: (readonly ToldLimit[])[] = []
  readonly happened: Happening[] = []
  beats = 0
  beat: () => void = () => undefined
  #ids = 0

  handler(rules: readonly LimitRule[], answer: Handler, spread: number = 0): Handler {
    return limited({
      store: this.store,
      limitsOf: ({ target: { provider } }) => appliedLimits(rules, { provider }),
      tokensOf: () => 100,
      estimating: guessing,
      newId: () => String((this.#ids += 1)),
      every: (_, run) => {
        this.beats += 1
        this.beat = run
        return () => {
          this.beats -= 1
        }
      },
      code: 'rate_limit_exceeded',
      spread: () => spread,
      of: 'caller',
      tell: (happening) => this.happened.push(happening),
      show: (_, limits) => this.told.push(limits),
    })(answer)
  }

  /** What is left of the tokens and of the places, and how many beat. */
  async left(rules: readonly LimitRule[]): Promise<Readonly<Record<string, number>>> {
    const probe = this.handler(rules, async () => {
      throw new GatewayError('upstream', 'x', { origin: 'upstream', code: 'connect_timeout' })
    })
    await failureOf(probe(exchangeFor('p')))
    await settled()
    const { told } = this
    return Object.fromEntries((told.at(-1) ?? []).map(({ name, remaining }) => [name, remaining]))
  }
}

const RULES: readonly LimitRule[] = [
  { scope: 'provider', requests: { perDay: 100 }, tokens: { perDay: 1000 }, concurrency: 5 },
]

/** With the probe's own request, tokens and place on top. */
function left(requests: number, tokens: number): Readonly<Record<string, number>> {
  return {
    'provider-requests-day': requests - 1,
    'provider-tokens-day': tokens - 100,
    'provider-calls': 4,
  }
}

describe('limited', () => {
  it('refuses what is over the limit with the time to wait, and asks nobody', async () => {
    const bench = new Bench()
    let asked = 0
    const told: Happening[] = []
    const handler = limited({
      store: bench.store,
      limitsOf: () => providerRate('p', 1),
      tokensOf: () => 0,
      estimating: guessing,
      newId: () => 'one',
      every: () => () => undefined,
      of: 'target',
      tell: (happening) => told.push(happening),
      code: 'provider_rate_limit',
      spread: () => 0,
    })(async () => {
      asked += 1
      return whole()
    })
    await handler(exchangeFor('p'))
    await bench.time.pass(15_000)
    await expect(handler(exchangeFor('p'))).rejects.toMatchObject({
      kind: 'rate_limit',
      code: 'provider_rate_limit',
      retryAfterMs: 45_000,
      message:
        'Provider "p" is limited to 1 requests a minute. Try again in 45 s, or raise its "rateLimit".',
    })
    expect(asked).toBe(1)
    await bench.time.pass(45_000)
    await handler(exchangeFor('p'))
  })

  it('leaves what no limit applies to alone', async () => {
    const bench = new Bench()
    const reply = whole()
    const rules = [{ scope: 'provider', of: 'slow', requests: { perMinute: 1 } }] as const
    const handler = bench.handler(rules, async () => reply)
    for (let count = 0; count < 5; count += 1) {
      expect(await handler(exchangeFor('free'))).toBe(reply)
    }
    expect(bench.told).toEqual([])
  })

  it('spreads those it refuses over a little more time than needed', async () => {
    const bench = new Bench()
    const rules = [{ scope: 'provider', requests: { perMinute: 1 } }] as const
    const handler = bench.handler(rules, async () => whole(), 0.1)
    await handler(exchangeFor('p'))
    expect(await failureOf(handler(exchangeFor('p')))).toMatchObject({ retryAfterMs: 66_000 })
  })

  it('says so when a call can never pass, and that coming again does not help', async () => {
    const bench = new Bench()
    const handler = bench.handler([{ scope: 'provider', tokens: { perDay: 99 } }], async () =>
      whole(),
    )
    const failure = await failureOf(handler(exchangeFor('p')))
    expect(failure).toMatchObject({ kind: 'quota', retryable: false, status: 429 })
    expect(String(failure)).toContain('needs 100 at once')
  })

  it('takes nothing of any limit when one refuses', async () => {
    const bench = new Bench()
    const rules: readonly LimitRule[] = [...RULES, { scope: 'provider', of: 'p', concurrency: 0 }]
    await failureOf(bench.handler(rules, async () => whole())(exchangeFor('p')))
    expect(await bench.left(RULES)).toEqual(left(100, 1000))
  })

  it.each([
    ['more than was taken', 150, left(99, 850)],
    ['less than was taken', 30, left(99, 970)],
    ['nothing that is known', undefined, left(99, 900)],
  ])('charges a whole answer that used %s', async (_, total, expected) => {
    const bench = new Bench()
    await bench.handler(RULES, async () => whole(total))(exchangeFor('p'))
    expect(await bench.left(RULES)).toEqual(expected)
    expect(bench.beats).toBe(0)
  })

  it('gives nothing back of a stream that was left or cut', async () => {
    for (const events of [
      [START, USAGE],
      [START, USAGE, new GatewayError('upstream', 'x')],
    ]) {
      const bench = new Bench()
      await read(await bench.handler(RULES, async () => streamed(events))(exchangeFor('p')), 2)
      await settled()
      expect(bench.beats).toBe(0)
    }
    const bench = new Bench()
    await read(
      await bench.handler(RULES, async () => streamed([START, USAGE, END]))(exchangeFor('p')),
      2,
    )
    expect(await bench.left(RULES)).toEqual(left(99, 900))
  })

  it.each([
    ['less than was taken', 20, left(99, 900)],
    ['more than was taken', 200, left(99, 789)],
  ])('gives nothing back by a guess of %s, and charges what is more', async (_, said, expected) => {
    const words = Array.from({ length: said }, (): ChatEvent => ({ type: 'ping' }))
    const events = [START, ...words]
    for (const end of [END, new GatewayError('upstream', 'x')]) {
      const bench = new Bench()
      await read(
        await bench.handler(RULES, async () => streamed([...events, end]))(exchangeFor('p')),
        999,
      )
      expect(await bench.left(RULES)).toEqual(expected)
    }
  })

  it('charges a whole stream as it was', async () => {
    const bench = new Bench()
    await read(
      await bench.handler(RULES, async () => streamed([START, USAGE, END]))(exchangeFor('p')),
      9,
    )
    expect(await bench.left(RULES)).toEqual(left(99, 970))
  })

  const failures: readonly (readonly [string, ErrorKind, ErrorDetails, object])[] = [
    [
      'never heard of it',
      'upstream',
      { origin: 'upstream', code: 'upstream_unreachable' },
      left(100, 1000),
    ],
    ['has a gate of its own', 'rate_limit', { code: 'provider_rate_limit' }, left(100, 1000)],
    ['refused it', 'rate_limit', { origin: 'upstream' }, left(99, 1000)],
    ['found it wrong', 'invalid_request', { origin: 'upstream' }, left(99, 1000)],
    ['may have begun', 'timeout', { origin: 'upstream' }, left(99, 900)],
    ['was left by its caller', 'cancelled', { origin: 'client' }, left(99, 900)],
  ]
  it.each(failures)('a provider that %s', async (...[, kind, details, expected]) => {
    const bench = new Bench()
    const handler = bench.handler(RULES, async () => {
      throw new GatewayError(kind, 'x', details)
    })
    await failureOf(handler(exchangeFor('p')))
    expect(await bench.left(RULES)).toEqual(expected)
  })

  it('frees the place of a reader that has gone before its provider hears of it', async () => {
    const bench = new Bench()
    const gone = new AbortController()
    const reply = await bench.handler(RULES, async () => streamed([START, USAGE, END]))(
      exchangeFor('p', gone.signal),
    )
    expect(bench.beats).toBe(1)
    gone.abort()
    expect(bench.beats).toBe(0)
    await read(reply, 9)
    expect(await bench.left(RULES)).toEqual(left(99, 970))
  })

  it('holds a place for as long as a stream runs, and not a minute longer than its holder lives', async () => {
    const rules = [{ scope: 'provider', concurrency: 1 }] as const
    const bench = new Bench()
    const handler = bench.handler(rules, async () => streamed([START, END]))
    await handler(exchangeFor('p'))
    await bench.time.pass(50_000)
    bench.beat()
    await bench.time.pass(50_000)
    expect(await failureOf(handler(exchangeFor('p')))).toMatchObject({ kind: 'rate_limit' })
    await bench.time.pass(10_001)
    await handler(exchangeFor('p'))
  })

  it('leaves no place and no timer behind, wherever a stream ends', async () => {
    const rules = [{ scope: 'provider', concurrency: 3 }] as const
    const steps = fc.array(fc.constantFrom(START, USAGE, END, new GatewayError('upstream', 'x')), {
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 6 }), async (events, most) => {
        const bench = new Bench()
        await read(await bench.handler(rules, async () => streamed(events))(exchangeFor('p')), most)
        expect(bench.beats).toBe(0)
        expect(await bench.left(rules)).toEqual({ 'provider-calls': 2 })
      }),
      { numRuns: 300 },
    )
  })
})

describe('what is told of a call', () => {
  it('that its limits let it pass or refused it, and how that was decided', async () => {
    const bench = new Bench()
    const handler = bench.handler([{ scope: 'provider', requests: { perDay: 1 } }], async () =>
      whole(),
    )
    await handler(exchangeFor('p'))
    await failureOf(handler(exchangeFor('p')))
    expect(bench.happened).toMatchObject([
      { type: 'limiter-decided', of: 'caller', mode: 'memory', granted: true },
      { type: 'limiter-decided', of: 'caller', mode: 'memory', granted: false },
    ])
  })
})
