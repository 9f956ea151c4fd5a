// What the loss of a field of this wire weighs.
import { describe, expect, it } from 'vitest'
import { weigh } from '../field-weights.ts'
import { fieldWeights } from './field-weights.ts'

describe('the weights of fields', () => {
  it('weigh a safety prompt as protection, but where it is not wanted', () => {
    expect(weigh({ safe_prompt: true }, fieldWeights)).toEqual({ safe_prompt: 4 })
    expect(weigh({ safe_prompt: false }, fieldWeights)).toBeUndefined()
  })

  it('weigh guardrails as protection', () => {
    expect(weigh({ guardrails: [{ block_on_error: true }] }, fieldWeights)).toEqual({
      guardrails: 4,
    })
  })

  it('say nothing of other fields', () => {
    expect(weigh({ prompt_mode: 'reasoning' }, fieldWeights)).toBeUndefined()
  })
})
