// What is held back follows what was refused, counted when it is sent.
import { describe, expect, it } from 'vitest'
import { chatExchange, wholeExchange } from '../../test/chat-exchange.ts'
import { failureOf } from '../../test/context.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Handler, Reply } from '../exchange/exchange.ts'
import type { Happening } from '../exchange/happening.ts'
import { adaptiveThrottle, heldBack } from './adaptive-throttle.ts'

const BUSY = new GatewayError('overloaded', 'Busy.', { origin: 'upstream' })
const COUNT: Reply = { kind: 'count', count: { inputTokens: 1, exact: true }, notes: [] }

interface Stage {
  now: number
  readonly facts: Happening[]
  readonly sent: { count: number }
  readonly ask: (answer: Handler, provider?: string) => Promise<unknown>
}

function stage(random: () => number): Stage {
  const facts: Happening[] = []
  const sent = { count: 0 }
  const answers: Handler[] = []
  const state = { now: 0 }
  const handle = adaptiveThrottle({
    clock: () => state.now,
    random,
    tell: (fact) => facts.push(fact),
  })(async (exchange) => {
    sent.count += 1
    return (answers.pop() ?? well)(exchange)
  })
  return Object.assign(state, {
    facts,
    sent,
    ask: async (answer: Handler, provider = 'a') => {
      answers.push(answer)
      const failure = await failureOf(handle(chatExchange({ target: { provider, model: 'm' } })))
      answers.length = 0
      return failure
    },
  })
}

const well: Handler = async () => COUNT
const busy: Handler = async () => Promise.reject(BUSY)
const limited: Handler = async () =>
  Promise.reject(new GatewayError('rate_limit', 'Slow.', { origin: 'upstream' }))

describe('the share that is held back', () => {
  it('is none while half of the calls are taken', () => {
    expect(heldBack(100, 0, 2)).toBe(0)
    expect(heldBack(100, 50, 2)).toBe(0)
  })

  it('grows with what is refused, and is never all', () => {
    expect(heldBack(100, 75, 2)).toBeCloseTo(0.495)
    expect(heldBack(100, 100, 2)).toBe(0.9)
    expect(heldBack(100, 75, 1)).toBeCloseTo(0.743)
  })
})

describe('a target that refuses', () => {
  it('gets everything until there is enough to judge by', async () => {
    const throttled = stage(() => 0)
    for (let count = 0; count < 20; count += 1) await throttled.ask(busy)
    expect(throttled.sent.count).toBe(20)
    expect(await throttled.ask(busy)).toMatchObject({ code: 'target_throttled' })
    expect(throttled.sent.count).toBe(20)
    expect(throttled.facts).toEqual([
      { type: 'target-throttled', id: 'req_1', target: { provider: 'a', model: 'm' } },
    ])
  })

  it('is spared alone, and forgiven after the window', async () => {
    const throttled = stage(() => 0)
    for (let count = 0; count < 30; count += 1) await throttled.ask(busy)
    const sent = throttled.sent.count
    await throttled.ask(well, 'b')
    expect(throttled.sent.count).toBe(sent + 1)
    throttled.now += 140_000
    await throttled.ask(well)
    expect(throttled.sent.count).toBe(sent + 2)
  })

  it('still gets some, so that it shows when it is well', async () => {
    let turn = 0
    const throttled = stage(() => ((turn += 1) % 10) / 10)
    for (let count = 0; count < 1000; count += 1) await throttled.ask(busy)
    expect(throttled.sent.count).toBeGreaterThan(100)
    expect(throttled.sent.count).toBeLessThan(200)
  })

  it('is not blamed for limits of our account, nor for calls that are still under way', async () => {
    const throttled = stage(() => 0)
    for (let count = 0; count < 50; count += 1) await throttled.ask(limited)
    expect(throttled.sent.count).toBe(50)
    const waiting = stage(() => 0)
    for (let count = 0; count < 100; count += 1)
      void waiting.ask(() => new Promise(() => undefined))
    await Promise.resolve()
    expect(waiting.sent.count).toBe(100)
    expect(wholeExchange().request.stream.enabled).toBe(false)
  })
})
