// Token counts: snapshots merge, the unknown stays unknown.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { usageArbitrary } from './response.arbitrary.ts'
import { mergeUsage, totalTokens } from './usage.ts'

describe('mergeUsage', () => {
  it('takes the only snapshot as it is', () => {
    const usage = { input: { total: 1 } }
    expect(mergeUsage(undefined, usage)).toBe(usage)
  })

  it('lets the later defined field win and keeps what only the earlier had', () => {
    const merged = mergeUsage(
      { input: { total: 5, cacheRead: 3 }, output: { total: 1 }, hosted: { search: 1 }, tier: 'a' },
      { input: { total: 6 }, output: { total: 9, reasoning: 4 }, hosted: { code: 2 } },
    )
    expect(merged).toEqual({
      input: { total: 6, cacheRead: 3 },
      output: { total: 9, reasoning: 4 },
      hosted: { search: 1, code: 2 },
      tier: 'a',
    })
  })

  it('lets a later 0 win: it is a count, not an absence', () => {
    expect(mergeUsage({ input: { cacheRead: 3 } }, { input: { cacheRead: 0 } })).toEqual({
      input: { cacheRead: 0 },
    })
  })

  it('is idempotent and associative', () => {
    fc.assert(
      fc.property(usageArbitrary, usageArbitrary, usageArbitrary, (a, b, c) => {
        expect(mergeUsage(a, a)).toEqual(a)
        expect(mergeUsage(mergeUsage(a, b), b)).toEqual(mergeUsage(a, b))
        expect(mergeUsage(mergeUsage(a, b), c)).toEqual(mergeUsage(a, mergeUsage(b, c)))
      }),
    )
  })

  it('makes up no field that neither had', () => {
    fc.assert(
      fc.property(usageArbitrary, usageArbitrary, (a, b) => {
        const merged = mergeUsage(a, b)
        expect(merged.input?.total).toBe(b.input?.total ?? a.input?.total)
        expect(Object.keys(merged).toSorted()).toEqual(
          [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted(),
        )
      }),
    )
  })
})

describe('totalTokens', () => {
  it('prefers the sum the vendor gave', () => {
    expect(totalTokens({ total: 100, input: { total: 1 }, output: { total: 2 } })).toBe(100)
  })

  it('adds input and output when both are known, and is unknown otherwise', () => {
    expect(totalTokens({ input: { total: 1 }, output: { total: 2 } })).toBe(3)
    expect(totalTokens({ input: { total: 1 } })).toBeUndefined()
    expect(totalTokens({ output: { total: 1 } })).toBeUndefined()
    expect(totalTokens(undefined)).toBeUndefined()
  })
})
