// Sampling settings: dropped, clamped, or nobody's loss.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Note } from '../../canonical/note.ts'
import type { Sampling } from '../../canonical/request.ts'
import { requestArbitrary, requestWith } from './request.arbitrary.ts'
import { type SamplingRules, sampling } from './sampling.ts'

function after(
  asked: Sampling,
  rules: SamplingRules = { supported: [] },
): { sampling: Sampling; notes: readonly Note[] } {
  const { value, notes } = sampling(rules)(requestWith({ sampling: asked }))
  return { sampling: value.sampling, notes }
}

describe('sampling', () => {
  it.each<[Sampling, string, number]>([
    [{ temperature: 1 }, 'temperature', 2],
    [{ topP: 0.5 }, 'top_p', 2],
    [{ topK: 40 }, 'top_k', 2],
    [{ minP: 0.1 }, 'min_p', 2],
    [{ seed: 0 }, 'seed', 2],
    [{ n: 2 }, 'n', 3],
    [{ presencePenalty: 1 }, 'presence_penalty', 2],
    [{ frequencyPenalty: -1 }, 'frequency_penalty', 2],
    [{ repeatPenalty: 1.1 }, 'repeat_penalty', 2],
    [{ stop: ['END'] }, 'stop', 3],
    [{ logitBias: { '50256': -100 } }, 'logit_bias', 2],
    [{ logprobs: true }, 'logprobs', 2],
    [{ topLogprobs: 5 }, 'top_logprobs', 2],
  ])('drops %j where it is not supported, as %s of weight %i', (asked, feature, weight) => {
    const result = after(asked)
    expect(result.sampling).toEqual({})
    const [key = ''] = Object.keys(asked)
    expect(result.notes).toMatchObject([
      {
        action: 'dropped',
        feature,
        weight,
        path: `sampling.${key}`,
        from: Object.values(asked)[0],
      },
    ])
  })

  it.each<Sampling>([
    { n: 1 },
    { logprobs: false },
    { topLogprobs: 0 },
    { presencePenalty: 0 },
    { frequencyPenalty: 0 },
    { repeatPenalty: 1 },
    { minP: 0 },
    { topP: 1 },
    { stop: [] },
    { logitBias: {} },
  ])('drops %j without a note: it asks for nothing', (asked) => {
    expect(after(asked)).toEqual({ sampling: {}, notes: [] })
  })

  it('clamps the temperature to the highest the target takes', () => {
    const rules: SamplingRules = { supported: ['temperature'], temperatureMax: 1 }
    const { sampling, notes } = after({ temperature: 1.7 }, rules)
    expect(sampling).toEqual({ temperature: 1 })
    expect(notes).toMatchObject([{ action: 'clamped', weight: 2, from: 1.7, to: 1 }])
    expect(after({ temperature: 1 }, rules).notes).toEqual([])
  })

  it('keeps the first stop strings up to the number the target takes, a loss of meaning', () => {
    const rules: SamplingRules = { supported: ['stop'], stopMax: 2 }
    const { sampling, notes } = after({ stop: ['a', 'b', 'c'] }, rules)
    expect(sampling).toEqual({ stop: ['a', 'b'] })
    expect(notes).toMatchObject([{ action: 'clamped', feature: 'stop', weight: 3 }])
    expect(after({ stop: ['a', 'b'] }, rules).notes).toEqual([])
  })

  it('does not note a limit on what it dropped', () => {
    const { notes } = after({ temperature: 2 }, { supported: [], temperatureMax: 1 })
    expect(notes.map((note) => note.action)).toEqual(['dropped'])
  })

  it('leaves only what is supported', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { value } = sampling({ supported: ['seed', 'topP'] })(request)
        const { seed, topP } = request.sampling
        expect(value.sampling.seed).toBe(seed)
        expect(value.sampling.topP).toBe(topP)
        expect(
          Object.keys(value.sampling).filter((key) => !['seed', 'topP'].includes(key)),
        ).toEqual([])
      }),
    )
  })
})
