// Which rules count for whom.
import { describe, expect, it } from 'vitest'
import { appliedLimits } from './limit-rule.ts'

describe('appliedLimits', () => {
  it('counts each name for itself, and everybody together', () => {
    const rules = [
      { scope: 'all', concurrency: 9 },
      { scope: 'key', requests: { perMinute: 5 } },
    ] as const
    const keysOf = (key: string): readonly string[] =>
      appliedLimits(rules, { all: '', key }).map((limit) => limit.key)
    expect(keysOf('a')[0]).toBe(keysOf('b')[0])
    expect(keysOf('a')[1]).not.toBe(keysOf('b')[1])
  })

  it('applies a rule with a name to that name, or to all that begin as it does', () => {
    const rules = [
      { scope: 'model', of: 'work/gpt-*', concurrency: 1 },
      { scope: 'model', of: 'work/o3', concurrency: 2 },
    ] as const
    const limitsOf = (model: string): readonly number[] =>
      appliedLimits(rules, { model }).map(({ limit }) => limit)
    expect(limitsOf('work/gpt-5')).toEqual([1])
    expect(limitsOf('work/o3')).toEqual([2])
    expect(limitsOf('home/gpt-5')).toEqual([])
    expect(appliedLimits(rules, { key: 'work/o3' })).toEqual([])
  })

  it('keeps the counts of several rules for one name apart', () => {
    const rules = [
      { scope: 'key', requests: { perMinute: 5, perDay: 9 } },
      { scope: 'key', of: 'a', requests: { perMinute: 7 } },
    ] as const
    const keys = appliedLimits(rules, { key: 'a' }).map(({ key }) => key)
    expect(new Set(keys).size).toBe(3)
  })

  it('loses no token while the shared count is lost, unless a rule says otherwise', () => {
    const rule = { scope: 'key', requests: { perDay: 1 }, tokens: { perDay: 1 } } as const
    const onLoss = appliedLimits([rule], { key: 'a' }).map((limit) => limit.onLoss)
    expect(onLoss).toEqual(['local_share', 'leased'])
    const closed = appliedLimits([{ ...rule, onBackendLoss: 'closed' }], { key: 'a' })
    expect(closed.map((limit) => limit.onLoss)).toEqual(['closed', 'closed'])
  })
})
