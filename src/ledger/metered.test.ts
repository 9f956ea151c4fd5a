// Around each attempt: nothing is asked before it is written down, every way to end settles once, and what comes in is looked at on the way.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { emptyRequest } from '../dialects/dialect.contract.ts'
import type { ChatExchange, Handler, Reply } from '../exchange/exchange.ts'
import { settled as turn } from '../../test/server-fakes.ts'
import { estimatedUsage } from '../usage/estimated-usage.ts'
import { ownPrice } from '../usage/price-setting.ts'
import type { AppliedBudget } from './budget.ts'
import type {
  Begun,
  Checkpoint,
  Ledger,
  LedgerDurability,
  Opening,
  RecordedCalls,
  Settlement,
} from './ledger.ts'
import { type MeteredOptions, metered } from './metered.ts'
import { RunningAttempts } from './running-attempts.ts'
import { singly } from '../exchange/singly.ts'

const BUDGET: AppliedBudget = {
  id: 'all/',
  scope: 'installation',
  subject: '',
  period: 'total',
  startsAt: 0,
  limitNano: 1e9,
  hard: true,
}

const LOST = new GatewayError('cancelled', 'lost', { code: 'hedge_lost' })

/** A ledger that says what it was told, and answers when it is let. */
class ToldLedger implements Ledger {
  readonly log: string[] = []
  readonly settlements: Settlement[] = []
  readonly checkpoints: Checkpoint[] = []
  #gate: Promise<void> = Promise.resolve()
  #open: (() => void) | undefined

  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = promise
    this.#open = resolve
  }

  release(): void {
    this.#open?.()
  }

  async begin(_opening: Opening): Promise<Begun> {
    this.log.push('begin')
    await this.#gate
    this.log.push('begun')
    return { granted: true, standings: [] }
  }

  async checkpoint(checkpoints: readonly Checkpoint[]): Promise<void> {
    this.checkpoints.push(...checkpoints)
  }

  async settle(settlement: Settlement): Promise<Awaited<ReturnType<Ledger['settle']>>> {
    this.settlements.push(settlement)
    await this.#gate
    this.log.push('settled')
    return { how: 'settled', standings: [] }
  }

  async stand(): Promise<readonly never[]> {
    return []
  }

  async close(): Promise<void> {}
}

function nothing(): void {}

interface Setup {
  readonly ledger: ToldLedger
  readonly beat: () => void
  readonly run: (handler: Handler, signal?: AbortSignal) => Promise<Reply>
}

function setup(
  durability: LedgerDurability,
  budgets: readonly AppliedBudget[] = [BUDGET],
  records: RecordedCalls = 'all',
): Setup {
  const ledger = new ToldLedger()
  let beat = nothing
  const running = new RunningAttempts({
    ledger,
    every: (_, run) => {
      beat = run
      return () => {
        beat = nothing
      }
    },
  })
  let ids = 0
  const options: MeteredOptions = {
    ledger,
    budgetsOf: () => budgets,
    priceOf: async () => ownPrice({ input: 1, output: 2 }),
    estimating: estimatedUsage,
    records: () => records,
    durability: () => durability,
    outputReserve: () => undefined,
    mayHaveRun: (error) => error.kind === 'timeout' || error.kind === 'cancelled',
    isLost: ({ aborted, reason }) => aborted && reason === LOST,
    clock: () => 1000,
    newId: () => `attempt-${(ids += 1)}`,
    running,
    tell: () => undefined,
  }
  return {
    ledger,
    beat: () => beat(),
    run: (handler, signal = new AbortController().signal) =>
      metered(options)(handler)({ ...exchange(), signal }),
  }
}

function exchange(): ChatExchange {
  const question = { role: 'user', parts: [{ type: 'text', text: 'Go' }] } as const
  return {
    operation: 'chat',
    id: 'req',
    request: { ...emptyRequest('x'), turns: [question], maxOutputTokens: 50 },
    target: { provider: 'p', model: 'm' },
    policy: 'default',
    signal: new AbortController().signal,
  }
}

const USAGE = { input: { total: 5 }, output: { total: 3 } }

function whole(): Reply {
  return {
    kind: 'whole',
    notes: [],
    response: {
      origin: { dialect: 'x' },
      id: 'a',
      model: 'm',
      candidates: [{ index: 0, parts: [{ type: 'text', text: 'hi' }], finish: { reason: 'stop' } }],
      usage: USAGE,
    },
  }
}

const SAID: readonly ChatEvent[] = [
  { type: 'response-start', origin: { dialect: 'x' }, id: 'a', model: 'm' },
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: '' } },
  { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'one two three four five' } },
]
const END: readonly ChatEvent[] = [{ type: 'usage-update', usage: USAGE }, { type: 'response-end' }]

function streamOf(events: readonly ChatEvent[]): Reply {
  return {
    kind: 'stream',
    notes: [],
    events: singly(
      (async function* () {
        yield* events
      })(),
    ),
  }
}

function eventsOf(reply: Reply): AsyncIterator<readonly ChatEvent[]> {
  if (reply.kind !== 'stream') throw new Error('no stream')
  return reply.events[Symbol.asyncIterator]()
}

describe('an attempt', () => {
  it('that no budget counts is not written down where only those are that one counts', async () => {
    for (const [budgets, begun] of [
      [[], 0],
      [[BUDGET], 1],
    ] as const) {
      const { ledger, run } = setup('strict', budgets, 'budgeted')
      await run(async () => whole())
      expect(ledger.settlements.length).toBe(begun)
      expect(ledger.log.includes('begun')).toBe(begun === 1)
    }
  })

  it.each([
    ['strict', []],
    ['strict', [BUDGET]],
    ['fast', [BUDGET]],
  ] as const)('is not made before it is written down: %s, %j', async (durability, budgets) => {
    const { ledger, run } = setup(durability, budgets)
    ledger.hold()
    const reply = run(async () => {
      ledger.log.push('asked')
      return whole()
    })
    await turn()
    expect(ledger.log).toEqual(['begin'])
    ledger.release()
    await reply
    expect(ledger.log).toEqual(['begin', 'begun', 'asked', 'settled'])
  })

  it('waits for nothing where it is fast and no hard budget counts it, and is written down in order all the same', async () => {
    const { ledger, run } = setup('fast', [])
    ledger.hold()
    await run(async () => {
      ledger.log.push('asked')
      return whole()
    })
    expect(ledger.log).toEqual(['begin', 'asked'])
    ledger.release()
    await turn()
    expect(ledger.log).toEqual(['begin', 'asked', 'begun', 'settled'])
  })

  it('is not made where its client has left meanwhile, and costs nothing', async () => {
    const { ledger, run } = setup('strict')
    const leaving = new AbortController()
    ledger.hold()
    let isAsked = false
    const reply = run(async () => {
      isAsked = true
      return whole()
    }, leaving.signal)
    leaving.abort()
    ledger.release()
    await expect(reply).rejects.toMatchObject({ kind: 'cancelled' })
    expect(isAsked).toBe(false)
    expect(ledger.settlements).toMatchObject([{ nanoUsd: 0, source: 'none', status: 'abandoned' }])
  })

  it('holds the end of a stream back until it is settled, and nothing before', async () => {
    const { ledger, run } = setup('strict')
    const events = eventsOf(await run(async () => streamOf([...SAID, ...END])))
    for (const _ of [...SAID, 'usage']) await events.next()
    ledger.hold()
    let isOver = false
    const last = events.next().then((result) => {
      isOver = true
      return result
    })
    await turn()
    expect(isOver).toBe(false)
    ledger.release()
    expect(await last).toMatchObject({ value: [{ type: 'response-end' }] })
    expect(ledger.settlements).toMatchObject([
      { nanoUsd: 11_000, source: 'provider', status: 'succeeded', tokens: { input: 5, output: 3 } },
    ])
  })

  it('settles once, however often its end is told', async () => {
    const { ledger, run } = setup('strict')
    const events = eventsOf(await run(async () => streamOf([...SAID, ...END])))
    while ((await events.next()).done !== true);
    await events.return?.()
    expect(ledger.settlements.length).toBe(1)
  })

  it('that loses against another costs its caller nothing, and the operator the question', async () => {
    const { ledger, run } = setup('strict')
    const losing = new AbortController()
    const events = eventsOf(await run(async () => streamOf([...SAID, ...END]), losing.signal))
    for (const _ of SAID) await events.next()
    losing.abort(LOST)
    await events.return?.()
    await turn()
    const [settlement] = ledger.settlements
    expect(settlement).toMatchObject({ nanoUsd: 0, status: 'hedge_lost' })
    expect(settlement?.operatorNano).toBeGreaterThan(0)
  })

  it.each([
    ['timeout', 'estimate'],
    ['invalid_request', 'none'],
  ] as const)('that fails with %s is settled by %s', async (kind, source) => {
    const { ledger, run } = setup('strict')
    const failing = run(async () => {
      throw new GatewayError(kind, 'no', { origin: 'upstream' })
    })
    await expect(failing).rejects.toMatchObject({ kind })
    const [settlement] = ledger.settlements
    expect(settlement).toMatchObject({ source, status: 'failed', errorKind: kind })
    expect((settlement?.nanoUsd ?? -1) > 0).toBe(source === 'estimate')
  })

  it('tells what it has used while it runs, where that is news', async () => {
    const { ledger, run, beat } = setup('strict')
    const events = eventsOf(await run(async () => streamOf([...SAID, ...END])))
    for (const _ of SAID) await events.next()
    beat()
    beat()
    expect(ledger.checkpoints.length).toBe(1)
    const [checkpoint] = ledger.checkpoints
    expect(checkpoint?.attemptId).toMatch(/-attempt-1$/)
    expect(checkpoint?.outputTokens).toBeGreaterThan(3)
    expect(checkpoint?.nanoUsd).toBeGreaterThan(6000)
    while ((await events.next()).done !== true);
    beat()
    expect(ledger.checkpoints.length).toBe(1)
  })
})
