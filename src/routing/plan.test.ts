// Who is asked first: each strategy, and what takes a target out of the running.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { needsOf } from './needs.ts'
import { planOf } from './plan.ts'
import { type Contender, type PlanContext, STRATEGIES, type StrategyName } from './route.ts'

function contender(model: string, about: Partial<Contender> = {}): Contender {
  return { target: { provider: 'p', model }, weight: 1, inFlight: 0, ...about }
}

const CONTEXT: PlanContext = { random: () => 0, turn: 0 }
const NO_NEEDS = { capabilities: [] }

function order(
  strategy: StrategyName,
  contenders: readonly Contender[],
  context: Partial<PlanContext> = {},
): string {
  const route = { route: 'r', strategy }
  const plan = planOf(route, contenders, { ...CONTEXT, ...context, needs: NO_NEEDS })
  return plan.contenders.map(({ target }) => target.model).join('')
}

const ABC = ['a', 'b', 'c'].map((model) => contender(model))

describe('the strategies', () => {
  it('priority: the order of the configuration', () => {
    expect(order('priority', ABC)).toBe('abc')
    expect(order('auto', ABC)).toBe('abc')
  })

  it('round robin: each in turn, the others behind it', () => {
    expect([0, 1, 2, 3].map((turn) => order('round-robin', ABC, { turn }))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ])
  })

  it('weighted: as often as the weights say', () => {
    const weighted = [contender('a', { weight: 1 }), contender('b', { weight: 3 })]
    const draws = Array.from({ length: 400 }, (_, at) =>
      order('weighted', weighted, { random: () => (at + 0.5) / 400 }),
    )
    expect(draws.filter((draw) => draw === 'ab')).toHaveLength(100)
    expect(draws.filter((draw) => draw === 'ba')).toHaveLength(300)
  })

  it('least in flight: the emptiest for its weight', () => {
    const busy = [
      contender('a', { inFlight: 3 }),
      contender('b', { inFlight: 4, weight: 2 }),
      contender('c', { inFlight: 5 }),
    ]
    expect(order('least-in-flight', busy)).toBe('bac')
  })

  it('fastest: what began soonest lately, those not known first, calls under way against it', () => {
    const known = [
      contender('a', { latencyMs: 300 }),
      contender('b', { latencyMs: 200, inFlight: 6 }),
      contender('c', { latencyMs: 250 }),
      contender('d'),
    ]
    expect(order('fastest', known)).toBe('dcab')
  })

  it('cheapest: the lowest price, no price last', () => {
    const priced = [contender('a'), contender('b', { price: 900 }), contender('c', { price: 0 })]
    expect(order('cheapest', priced)).toBe('cba')
  })

  it('sticky: the same target for a session, and another only for those of one that is gone', () => {
    const before = new Map(
      Array.from({ length: 300 }, (_, at) => [
        `s${at}`,
        order('sticky', ABC, { session: `s${at}` }),
      ]),
    )
    const without = ABC.slice(1)
    for (const [session, was] of before) {
      expect(order('sticky', ABC, { session })).toBe(was)
      const now = order('sticky', without, { session })
      if (!was.startsWith('a')) expect(now[0]).toBe(was[0])
    }
    for (const first of ['a', 'b', 'c']) {
      const share = [...before.values()].filter((was) => was.startsWith(first)).length
      expect(share).toBeGreaterThan(60)
    }
  })

  it('sticky without a session: by weight', () => {
    expect(order('sticky', ABC, { random: () => 0.99 })).toBe('cba')
  })

  it.each(STRATEGIES)('%s names each target once, whatever is known of them', (strategy) => {
    const contenders = fc.array(
      fc.record({
        weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
        inFlight: fc.nat(50),
        latencyMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
        price: fc.nat(),
      }),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(
        contenders,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (list, chance, turn) => {
          const all = list.map((about, at) => contender(String(at), about))
          const got = order(strategy, all, { random: () => chance, turn, session: `s${turn}` })
          expect(got.split('').toSorted()).toEqual([...all.keys()].map(String))
        },
      ),
      { numRuns: 1000 },
    )
  })
})

const IMAGE: Part = { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } }
function request(parts: readonly Part[], about: Partial<ChatRequest> = {}): ChatRequest {
  return {
    origin: { dialect: 'library' },
    model: 'r',
    turns: [{ role: 'user', parts }],
    sampling: {},
    stream: { enabled: false },
    ...about,
  }
}

function plan(asked: ChatRequest, contenders: readonly Contender[], tokens?: number): string {
  const { contenders: kept } = planOf({ route: 'r', strategy: 'priority' }, contenders, {
    ...CONTEXT,
    needs: needsOf(asked, tokens),
  })
  return kept.map(({ target }) => target.model).join('')
}

describe('what a request needs', () => {
  const blind = contender('a', { capabilities: ['tools'] })
  const seeing = contender('b', { capabilities: ['tools', 'vision'] })
  const unknown = contender('c')

  it('leaves out a model that is known not to see, and keeps one of which nothing is known', () => {
    expect(plan(request([IMAGE]), [blind, seeing, unknown])).toBe('bc')
    expect(plan(request([{ type: 'text', text: 'hi' }]), [blind, seeing, unknown])).toBe('abc')
  })

  it('finds images in the results of tools', () => {
    const result: Part = { type: 'tool-result', callId: 'x', content: [IMAGE] }
    expect(plan(request([result]), [blind, seeing])).toBe('b')
  })

  it('leaves out a model without tools where the request may call some', () => {
    const tools = [{ kind: 'function' as const, name: 'f' }]
    const bare = contender('a', { capabilities: [] })
    expect(plan(request([], { tools }), [bare, seeing])).toBe('b')
    expect(plan(request([], { tools, toolChoice: { mode: 'none' } }), [bare, seeing])).toBe('ab')
  })

  it('leaves out a model that cannot hold the request and its answer', () => {
    const small = contender('a', { contextTokens: 1000 })
    const large = contender('b', { contextTokens: 2000 })
    const asked = request([], { maxOutputTokens: 500 })
    expect(plan(asked, [small, large], 500)).toBe('ab')
    expect(plan(asked, [small, large], 501)).toBe('b')
  })

  it('says of each target why nobody can serve the request', () => {
    const small = contender('small', { contextTokens: 10 })
    expect(() => plan(request([IMAGE]), [blind, small], 2000)).toThrowError(
      'No target of the route "r" can serve this request. p/a lacks vision; p/small holds 10 tokens, and this takes about 2000.',
    )
  })
})
