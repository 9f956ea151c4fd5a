// What the loss of a field of this wire weighs.
import { describe, expect, it } from 'vitest'
import type { Note } from '../../canonical/note.ts'
import type { JsonObject } from '../../wire/json.ts'
import { weigh } from '../field-weights.ts'
import { foreignFields } from '../lowering/foreign-fields.ts'
import { requestWith } from '../lowering/request.arbitrary.ts'
import { leftovers } from './extension.ts'
import { fieldWeights } from './field-weights.ts'

const BLOCKING = { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_ONLY_HIGH' }
const WAIVED = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }]

function noted(fields: JsonObject): readonly Note[] {
  return foreignFields({ dialect: 'beta' })(requestWith(leftovers.keptFields(fields))).notes
}

describe('the weights of fields', () => {
  it('weigh thresholds as protection, in either spelling', () => {
    expect(weigh({ safetySettings: [BLOCKING] }, fieldWeights)).toEqual({ safetySettings: 4 })
    expect(weigh({ safety_settings: [BLOCKING] }, fieldWeights)).toEqual({ safety_settings: 4 })
  })

  it('weigh thresholds that only waive protection as any other field', () => {
    const waived = [...WAIVED, { threshold: 'OFF' }]
    expect(weigh({ safetySettings: waived }, fieldWeights)).toEqual({ safetySettings: 1 })
    const mixed = [...waived, BLOCKING]
    expect(weigh({ safetySettings: mixed }, fieldWeights)).toEqual({ safetySettings: 4 })
  })

  it('take settings that they cannot read for protection', () => {
    expect(weigh({ safetySettings: 'strict' }, fieldWeights)).toEqual({ safetySettings: 4 })
    expect(weigh({ safetySettings: [{}] }, fieldWeights)).toEqual({ safetySettings: 4 })
  })

  it('weigh content that the provider keeps as content', () => {
    const kept = 'cachedContents/1'
    expect(weigh({ cachedContent: kept }, fieldWeights)).toEqual({ cachedContent: 3 })
    expect(weigh({ cached_content: kept }, fieldWeights)).toEqual({ cached_content: 3 })
  })

  it('say nothing of other fields', () => {
    expect(weigh({ labels: { team: 'a' } }, fieldWeights)).toBeUndefined()
  })

  it('stand in the notes of a request that goes elsewhere', () => {
    expect(noted({ safetySettings: [BLOCKING], labels: { team: 'a' } })).toMatchObject([
      { feature: 'safetySettings', weight: 4 },
      { feature: 'labels', weight: 1 },
    ])
    expect(noted({ safetySettings: [] })).toMatchObject([{ weight: 0 }])
  })
})
