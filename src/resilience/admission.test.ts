// Under too much load, who matters less goes first; who waits, waits a moment; and every place comes back.
import { describe, expect, it } from 'vitest'
import { OpenStream, chatExchange, readReply, wholeExchange } from '../../test/chat-exchange.ts'
import { failureOf } from '../../test/context.ts'
import { FakeTime } from '../../test/server-fakes.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Exchange, Handler, Priority } from '../exchange/exchange.ts'
import type { Happening } from '../exchange/happening.ts'
import { admitted } from './admission.ts'
import { Load } from './load.ts'
import type { ProcessOptions } from './overload-options.ts'

interface Stage {
  readonly load: Load
  readonly time: FakeTime
  readonly facts: Happening[]
  readonly streams: OpenStream[]
  readonly handle: Handler
}

function stage(process: Partial<ProcessOptions> = {}): Stage {
  const [load, time] = [new Load(), new FakeTime()]
  const facts: Happening[] = []
  const streams: OpenStream[] = []
  const { after, now: clock } = time
  const tell = (fact: Happening): void => void facts.push(fact)
  const handle = admitted({ load, after, clock, tell, random: () => 0.5, process })(async () => {
    const stream = new OpenStream()
    streams.push(stream)
    return stream.reply()
  })
  return { load, time, facts, streams, handle }
}

const embedding: Exchange = {
  ...chatExchange(),
  operation: 'embed',
  request: { origin: { dialect: 'library' }, model: 'm', inputs: [] },
}

describe('a loaded process', () => {
  const ASKED: readonly (readonly [Priority, Exchange])[] = [
    ['batch', embedding],
    ['whole', wholeExchange()],
    ['stream', chatExchange()],
    ['critical', wholeExchange({ priority: 'critical' })],
  ]

  it.each([
    [50, []],
    [150, ['batch']],
    [250, ['batch', 'whole']],
    [2000, ['batch', 'whole', 'stream']],
  ])('F130 with a lag of %s ms sheds %j', async (lagMs, expected) => {
    const { load, handle, facts, time } = stage()
    load.heard({ lagMs, utilisation: 0.5 })
    for (const [, exchange] of ASKED) await failureOf(handle(exchange))
    const shed = facts.flatMap((fact) => (fact.type === 'shed' ? [fact.priority] : []))
    expect(shed).toEqual(expected)
    expect(time.waiting).toBe(0)
  })

  it('says when to come again, each caller a little apart', async () => {
    const { load, handle } = stage()
    load.heard({ lagMs: 2000, utilisation: 1 })
    expect(await failureOf(handle(chatExchange()))).toMatchObject({
      kind: 'overloaded',
      status: 503,
      code: 'gateway_overloaded',
      retryAfterMs: 2000,
    })
  })

  it('takes the word of who can wait', async () => {
    const { load, handle } = stage()
    load.heard({ lagMs: 150, utilisation: 0.5 })
    const failure = await failureOf(handle(chatExchange({ priority: 'batch' })))
    expect(failure).toMatchObject({ code: 'gateway_overloaded' })
  })
})

describe('a full process', () => {
  it('keeps a fifth of its places for what is critical', async () => {
    const { handle, time, facts } = stage({ maxCalls: 10 })
    for (let count = 0; count < 8; count += 1) await handle(chatExchange())
    const waiting = failureOf(handle(chatExchange()))
    await handle(chatExchange({ priority: 'critical' }))
    await time.pass(1000)
    expect(await waiting).toMatchObject({ code: 'gateway_overloaded' })
    expect(facts).toMatchObject([{ type: 'shed', reason: 'calls', priority: 'stream' }])
  })

  it('gives a place that is left to who waits, the more important first', async () => {
    const { handle, streams } = stage({ maxCalls: 2, reserve: 0.5 })
    const first = await handle(chatExchange())
    const order: string[] = []
    const waiting = [
      handle(wholeExchange()).then(() => order.push('whole')),
      handle(chatExchange()).then(() => order.push('stream')),
    ]
    streams[0]?.end()
    await readReply(first)
    await waiting[1]
    expect(order).toEqual(['stream'])
    streams[1]?.end()
    expect(streams).toHaveLength(2)
  })

  it('does not let a call wait beyond its deadline', async () => {
    const { handle, time } = stage({ maxCalls: 1, reserve: 0 })
    await handle(chatExchange())
    await time.pass(100)
    const late = await failureOf(handle(chatExchange({ deadlineMs: 100 })))
    expect(late).toMatchObject({ code: 'gateway_overloaded' })
    const soon = failureOf(handle(chatExchange({ deadlineMs: 400 })))
    await time.pass(300)
    expect(await soon).toMatchObject({ code: 'gateway_overloaded' })
  })

  it('F091 forgets a client that leaves while it waits, and asks nobody for it', async () => {
    const { handle, streams, time } = stage({ maxCalls: 1, reserve: 0 })
    await handle(chatExchange())
    const leaving = new AbortController()
    const waiting = failureOf(handle(chatExchange({ signal: leaving.signal })))
    leaving.abort(new GatewayError('cancelled', 'Gone.', { code: 'client_gone' }))
    expect(await waiting).toMatchObject({ code: 'client_gone' })
    expect(streams).toHaveLength(1)
    expect(time.waiting).toBe(0)
  })

  it('has every place back, however its calls end', async () => {
    const time = new FakeTime()
    const { after, now: clock } = time
    const gone = new AbortController()
    const answers: Handler[] = [
      async () => Promise.reject(new GatewayError('upstream', 'Broken.')),
      async () => new OpenStream().reply(),
      async () => ({ kind: 'count', count: { inputTokens: 1, exact: true }, notes: [] }),
      async () => new OpenStream().reply(),
    ]
    const handle = admitted({
      load: new Load(),
      after,
      clock,
      random: () => 0,
      tell: () => undefined,
      process: { maxCalls: 1, reserve: 0 },
    })(async (exchange) => (answers.shift() ?? answers[0] ?? failing)(exchange))
    await failureOf(handle(chatExchange()))
    await handle(chatExchange({ signal: gone.signal }))
    gone.abort()
    await handle(chatExchange())
    const left = await handle(chatExchange())
    if (left.kind === 'stream') await left.events[Symbol.asyncIterator]().return?.()
    expect(await failureOf(handle(chatExchange()))).toMatchObject({ message: 'The last.' })
  })
})

const failing: Handler = async () => Promise.reject(new GatewayError('upstream', 'The last.'))
