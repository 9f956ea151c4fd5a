// What a call cost is the same whatever protocol its client speaks, and is told in the head of a whole answer.
import { Trail } from '../exchange/trail.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGateway, type OpenGateway } from '../../test/open-gateway.ts'
import { FakeProvider, FakeTime } from '../../test/server-fakes.ts'
import type { Usage } from '../canonical/usage.ts'
import { chatCall } from '../dialects/chat-call.ts'
import { dialects } from '../dialects/registry.ts'
import { ProviderManager } from '../pipeline/library.ts'
import { costOf } from '../usage/cost.ts'
import { ownPrice } from '../usage/price-setting.ts'
import { isObject, parseJson } from '../wire/json.ts'
import { frontRoutes } from './front.ts'
import { ModelDirectory } from './model-directory.ts'
import type { Call } from './route.ts'

const PRICE = {
  input: 3,
  output: 15,
  cacheRead: 0.3,
  cacheWrite: 3.75,
  cacheWrite1h: 6,
  reasoning: 20,
}
let usage: Usage = {}

const time = new FakeTime()
const manager = new ProviderManager({ prices: { 'home/tiny': PRICE }, clock: time.now })
manager.registerProvider(
  new FakeProvider({
    name: 'home',
    local: false,
    answer: async ({ target }) => ({
      kind: 'whole',
      notes: [],
      response: {
        origin: { dialect: 'upstream' },
        id: 'answer1',
        model: target.model,
        candidates: [
          { index: 0, parts: [{ type: 'text', text: 'pong' }], finish: { reason: 'stop' } },
        ],
        usage,
      },
    }),
  }),
)
const directory = new ModelDirectory({ manager, aliases: {}, now: time.now, after: time.after })
const desk = {
  directory,
  handler: manager.handle,
  now: time.now,
  after: time.after,
  keepAliveMs: 1,
}

/** A question that every protocol can ask, each in its own words. */
const BODIES = [
  { messages: [{ role: 'user', content: 'ping' }], stream: false, max_tokens: 9 },
  { input: 'ping' },
  { contents: [{ parts: [{ text: 'ping' }] }] },
]

/** `x-patchbay-cost` for a client of each dialect. */
async function costs(): Promise<readonly (string | undefined)[]> {
  return Promise.all(
    dialects.map(async (dialect) => {
      const body =
        BODIES.find((one) => dialect.marks.flat().some((key) => key in one)) ?? BODIES[0] ?? {}
      const wire = chatCall(dialect, { body: parseJson(JSON.stringify(body)), model: 'home/tiny' })
      const routes = frontRoutes(dialect, { desk, version: '0' })
      const route = routes.find(
        (one) => one.chat !== undefined && one.path.startsWith(dialect.prefix),
      )
      const call: Call = {
        id: 'req_1',
        method: 'POST',
        path: dialect.prefix + wire.path,
        params: {},
        query: new URLSearchParams(),
        headers: {},
        body: wire.body,
        text: JSON.stringify(wire.body),
        caller: { kind: 'admin', keyId: 'test', role: 'owner' },
        openTrail: () => new Trail(),
        signal: new AbortController().signal,
      }
      return (await route?.handle(call))?.headers['x-patchbay-cost']
    }),
  )
}

const tokens = fc.integer({ min: 0, max: 1_000_000 })
const usages: fc.Arbitrary<Usage> = fc
  .record({
    plain: tokens,
    read: tokens,
    write: tokens,
    hour: tokens,
    output: tokens,
    thought: tokens,
  })
  .map(({ plain, read, write, hour, output, thought }) => ({
    input: {
      total: plain + read + write,
      cacheRead: read,
      cacheWrite: write,
      cacheWrite1h: Math.min(hour, write),
    },
    output: { total: output + thought, reasoning: thought },
  }))

describe('invariant 32: the cost of a call', () => {
  it('is computed from the canonical usage, and is the same for clients of all protocols', async () => {
    await fc.assert(
      fc.asyncProperty(usages, async (used) => {
        usage = used
        const expected = costOf(used, ownPrice(PRICE))?.usd
        expect(expected).toBeDefined()
        expect(await costs()).toEqual(dialects.map(() => expected))
      }),
      { numRuns: 1000 },
    )
  })

  it.each<[string, Usage]>([
    ['nobody counted', {}],
    ['only the input is counted', { input: { total: 4 } }],
    ['only a sum is known', { total: 9 }],
  ])('is not told, rather than 0, where %s', async (_, used) => {
    usage = used
    expect(await costs()).toEqual(dialects.map(() => undefined))
  })
})

describe('the header of a whole answer', () => {
  let open: OpenGateway

  beforeAll(async () => {
    open = await openGateway({
      config: { prices: { 'cloud/tiny': { input: 1, output: 2 } } },
      providers: [
        new FakeProvider({ name: 'home', local: true }),
        new FakeProvider({ name: 'cloud', local: false, models: ['tiny', 'other'] }),
      ],
    })
  })
  afterAll(async () => open.close())

  async function ask(model: string, stream: boolean): Promise<Response> {
    return fetch(`${open.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${open.clientKey}` },
      body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'ping' }] }),
    })
  }

  it.each([
    ['home/tiny', '0'],
    ['cloud/tiny', '0.000004'],
    ['cloud/other', null],
  ])('of %s says %s', async (model, cost) => {
    const response = await ask(model, false)
    expect(response.headers.get('x-patchbay-cost')).toBe(cost)
    expect(isObject(parseJson(await response.text()))).toBe(true)
  })

  it('is not there for a stream, whose cost nobody knows when it begins', async () => {
    const response = await ask('cloud/tiny', true)
    expect(response.headers.get('x-patchbay-cost')).toBeNull()
    await response.text()
  })
})
