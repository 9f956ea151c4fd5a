// The cost beside a whole answer, nothing beside one whose cost is not known; and what every answer used, told at its end.
import { describe, expect, it } from 'vitest'
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Usage } from '../canonical/usage.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import type { Happening } from '../exchange/happening.ts'
import { estimatedUsage } from './estimated-usage.ts'
import { meter } from './meter.ts'
import type { ModelPrice } from './price.ts'
import { singly } from '../exchange/singly.ts'

const PRICE: ModelPrice = { origin: 'list', rates: { input: 1e9, output: 2e9 } }
const origin = { dialect: 'test' }

const exchange: Exchange = {
  operation: 'chat',
  id: 'x',
  request: { origin, model: 'm', turns: [], sampling: {}, stream: { enabled: false } },
  target: { provider: 'p', model: 'm' },
  policy: 'default',
  signal: new AbortController().signal,
}

function whole(usage?: Usage, text?: string): Reply {
  const parts = text === undefined ? [] : [{ type: 'text', text } as const]
  const response = { origin, model: 'm', candidates: [{ index: 0, parts }], ...compact({ usage }) }
  return { kind: 'whole', response, notes: [] }
}

async function metered(reply: Reply, price?: ModelPrice, told: Happening[] = []): Promise<Reply> {
  const tell = (fact: Happening): unknown => told.push(fact)
  return meter({ priceOf: async () => price, estimating: estimatedUsage, tell })(async () => reply)(
    exchange,
  )
}

async function* of(...events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  yield* events
}

const COUNTED: Usage = { input: { total: 10 }, output: { total: 5 } }
const SETTLED = { type: 'usage-settled', id: 'x', target: exchange.target }

describe('the meter', () => {
  it('puts the cost beside a whole answer', async () => {
    const told: Happening[] = []
    const cost = { nanoUsd: 20_000, usd: '0.00002' }
    expect(await metered(whole(COUNTED), PRICE, told)).toMatchObject({ kind: 'whole', cost })
    expect(told).toEqual([{ ...SETTLED, source: 'provider', usage: COUNTED, cost }])
  })

  it('leaves out what is no count, and says so [K014]', async () => {
    const told: Happening[] = []
    const usage = { input: { total: -1_000_000 }, output: { total: 5 } }
    await metered(whole(usage, 'Hello there.'), PRICE, told)
    expect(told).toEqual([
      expect.objectContaining({
        source: 'estimate',
        usage: { input: { total: 3 }, output: { total: 5 }, estimated: true },
        cost: { nanoUsd: 13_000, usd: '0.000013' },
        unsound: ['input.total'],
      }),
    ])
  })

  it('puts none where nobody counted, and tells a guess that is marked as one', async () => {
    const told: Happening[] = []
    const reply = whole(undefined, 'Hello there.')
    expect(await metered(reply, PRICE, told)).toEqual(reply)
    const usage = { input: { total: 3 }, output: { total: 3 }, estimated: true }
    const cost = { nanoUsd: 9000, usd: '0.000009' }
    expect(told).toEqual([{ ...SETTLED, source: 'estimate', usage, cost }])
  })

  it('guesses only what its provider left out', async () => {
    const told: Happening[] = []
    await metered(whole({ input: { total: 40 } }, 'Hello there.'), PRICE, told)
    const usage = { input: { total: 40 }, output: { total: 3 }, estimated: true }
    expect(told).toMatchObject([{ source: 'estimate', usage }])
  })

  it('puts none where no price is known', async () => {
    const reply = whole(COUNTED)
    expect(await metered(reply)).toBe(reply)
  })

  it('tells what a stream used once it is read, and that it was cut where it was', async () => {
    const usage: ChatEvent = { type: 'usage-update', usage: COUNTED }
    const error: ChatEvent = { type: 'error', error: new GatewayError('upstream', 'It broke.') }
    for (const [events, source] of [
      [[usage, { type: 'response-end' }], 'provider'],
      [[usage, error], 'partial'],
    ] as const) {
      const told: Happening[] = []
      const reply = await metered(
        { kind: 'stream', events: singly(of(...events)), notes: [] },
        PRICE,
        told,
      )
      expect(told).toEqual([])
      if (reply.kind === 'stream') for await (const _ of reply.events);
      expect(told).toMatchObject([{ ...SETTLED, source, cost: { nanoUsd: 20_000 } }])
    }
  })
})
