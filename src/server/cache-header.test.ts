// What callers ask of the cache, and what they are told of it.
import { describe, expect, it } from 'vitest'
import { cacheAsk, cacheHeaders } from './cache-header.ts'

describe('what is asked', () => {
  it.each([
    ['use', { mode: 'use' }],
    ['ttl=60', { mode: 'use', ttlMs: 60_000 }],
    ['Refresh', { mode: 'refresh' }],
    ['refresh, TTL=5', { mode: 'refresh', ttlMs: 5000 }],
    ['no-store', { mode: 'off' }],
  ])('%s', (text, ask) => {
    expect(cacheAsk({ 'x-patchbay-cache': text })).toEqual(ask)
  })

  it('is nothing without the header', () => {
    expect(cacheAsk({})).toBeUndefined()
  })

  it.each([[''], ['ttl=0'], ['ttl=-1'], ['ttl=1.5'], ['no-store, ttl=6'], ['max-age=60']])(
    'is refused where it is not understood: "%s"',
    (text) => {
      expect(() => cacheAsk({ 'x-patchbay-cache': text })).toThrow(/must be "use"/)
    },
  )
})

it('what is told: the state, and the age in whole seconds', () => {
  const count = { kind: 'count', count: { inputTokens: 1, exact: true }, notes: [] } as const
  expect(cacheHeaders(count)).toEqual({})
  expect(cacheHeaders({ ...count, cached: { state: 'hit', ageMs: 1999 } })).toEqual({
    'x-patchbay-cache': 'hit',
    age: '1',
  })
  expect(cacheHeaders({ ...count, cached: { state: 'miss' } })).toEqual({
    'x-patchbay-cache': 'miss',
  })
})
