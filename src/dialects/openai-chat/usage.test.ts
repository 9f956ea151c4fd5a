// Token counts under the arithmetic of every host.
import { describe, expect, it } from 'vitest'
import type { Usage } from '../../canonical/usage.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { flagsOf } from './flags.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

function read(value: Json, flags: JsonObject = {}): Usage | undefined {
  return decodeUsage(value, flagsOf({ provider: 'p', flags }))
}

function totals(value: Json, flags: JsonObject = {}): readonly (number | undefined)[] {
  const usage = read(value, flags)
  return [usage?.input?.total, usage?.output?.total, usage?.total]
}

const thought = (reasoning_tokens: number): JsonObject => ({
  completion_tokens_details: { reasoning_tokens },
})

describe('reading', () => {
  it('takes thinking as part of the completion where the total says so', () => {
    expect(
      totals({ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30, ...thought(5) }),
    ).toEqual([10, 20, 30])
  })

  it('adds thinking that the completion leaves out, as the total or a larger number shows', () => {
    expect(
      totals({ prompt_tokens: 12, completion_tokens: 1, total_tokens: 303, ...thought(290) }),
    ).toEqual([12, 291, 303])
    expect(
      totals({ prompt_tokens: 12, completion_tokens: 100, total_tokens: 162, ...thought(50) }),
    ).toEqual([12, 150, 162])
    expect(totals({ prompt_tokens: 1, completion_tokens: 2, ...thought(9) })).toEqual([
      1,
      11,
      undefined,
    ])
  })

  it('adds what came from a cache that is larger than the prompt', () => {
    const details = { prompt_tokens_details: { cached_tokens: 100 } }
    expect(totals({ prompt_tokens: 10, ...details })).toEqual([110, undefined, undefined])
    expect(totals({ prompt_tokens: 110, ...details })).toEqual([110, undefined, undefined])
  })

  it.each([
    { prompt_tokens_details: { cached_tokens: 4 } },
    { prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 },
    { cached_tokens: 4 },
    { num_cached_tokens: 4 },
    { cache_read_input_tokens: 4 },
  ])('finds the cached tokens in %j', (more) => {
    expect(read({ prompt_tokens: 10, ...more })?.input).toEqual({ total: 10, cacheRead: 4 })
  })

  it('takes output from the total for a host that declares it', () => {
    const usage = { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 }
    expect(totals(usage)).toEqual([35, 12, 109])
    expect(totals(usage, { outputFromTotal: true })).toEqual([35, 74, 109])
  })

  it.each([-1, 1.5, Number.NaN, '7', null, {}])('takes %j for unknown, never for 0', (count) => {
    const usage = read({ prompt_tokens: count, completion_tokens: count, total_tokens: count })
    expect(usage).toEqual({ raw: { dialect: 'openai-chat', value: expect.anything() } })
  })

  it('is undefined where there is none', () => {
    expect([null, [], 'x', 5].map((value) => read(value))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('writing', () => {
  it('gives the host its own object back', () => {
    const value = { prompt_tokens: 3, cost: 0.1, queue_time: 0.2 }
    expect(encodeUsage(read(value))).toEqual(value)
  })

  it('writes only the numbers that are known', () => {
    expect(encodeUsage(undefined)).toBeUndefined()
    expect(encodeUsage({})).toBeUndefined()
    expect(encodeUsage({ output: { total: 3 } })).toEqual({ completion_tokens: 3 })
    expect(
      encodeUsage({
        input: { total: 10, cacheRead: 4, cacheWrite: 2 },
        output: { total: 5, reasoning: 3 },
        raw: { dialect: 'elsewhere', value: {} },
      }),
    ).toEqual({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 3 },
    })
  })
})
