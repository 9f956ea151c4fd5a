// The cost beside a whole answer, and nothing beside one whose cost is not known yet, or never.
import { describe, expect, it } from 'vitest'
import type { Usage } from '../canonical/usage.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import { meter } from './meter.ts'
import type { ModelPrice } from './price.ts'

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

function whole(usage?: Usage): Reply {
  const response = { origin, model: 'm', candidates: [], ...(usage === undefined ? {} : { usage }) }
  return { kind: 'whole', response, notes: [] }
}

async function metered(reply: Reply, price: ModelPrice | undefined = PRICE): Promise<Reply> {
  const priceOf = async () => price
  return meter({ priceOf })(async () => reply)(exchange)
}

async function* nothing(): AsyncGenerator<never> {}

describe('the meter', () => {
  it('puts the cost beside a whole answer', async () => {
    const reply = await metered(whole({ input: { total: 10 }, output: { total: 5 } }))
    expect(reply).toMatchObject({ kind: 'whole', cost: { nanoUsd: 20_000, usd: '0.00002' } })
  })

  it('puts none where nobody counted', async () => {
    expect(await metered(whole())).toEqual(whole())
  })

  it('puts none where no price is known', async () => {
    const reply = whole({ input: { total: 10 }, output: { total: 5 } })
    expect(await meter({ priceOf: async () => undefined })(async () => reply)(exchange)).toBe(reply)
  })

  it('lets a stream pass as it is', async () => {
    const stream: Reply = { kind: 'stream', events: nothing(), notes: [] }
    expect(await metered(stream)).toBe(stream)
  })
})
