// What a target cannot be told of a request for vectors: each thing goes with a note.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EmbedInput, EmbedRequest } from '../../canonical/embedding.ts'
import { type EmbedRules, lowerEmbed } from './embed.ts'

const BARE: EmbedRules = { dialect: 'target', takes: [] }
const text: EmbedInput = { type: 'text', text: 'a' }

function asking(more: Partial<EmbedRequest> = {}): EmbedRequest {
  return { origin: { dialect: 'other' }, model: 'm', inputs: [text], ...more }
}

function notes(request: EmbedRequest, rules: EmbedRules = BARE): readonly string[] {
  return lowerEmbed(request, rules).notes.map(
    ({ action, feature, path, weight }) => `${action} ${feature} at ${path}: ${weight}`,
  )
}

describe('lowering a request for vectors', () => {
  it('is the same object where there is nothing to do', () => {
    const request = asking()
    expect(lowerEmbed(request, BARE)).toEqual({ value: request, notes: [] })
    expect(lowerEmbed(request, BARE).value).toBe(request)
  })

  it.each<[string, Partial<EmbedRequest>, string]>([
    ['another length', { dimensions: 3 }, 'dropped dimensions at dimensions: 3'],
    ['the task', { task: 'CLUSTERING' }, 'dropped task at task: 2'],
    ['the title', { title: 't' }, 'dropped title at title: 1'],
    ['cutting', { truncate: true }, 'dropped truncate at truncate: 1'],
    ['the user', { user: 'u' }, 'dropped user at user: 1'],
    ['smaller numbers', { vectorType: 'int8' }, 'dropped vector_type at vectorType: 3'],
    ['the usual numbers', { vectorType: 'float' }, 'dropped vector_type at vectorType: 0'],
    [
      'a field of its own',
      { extensions: { other: { fields: { metadata: { a: 1 } } } } },
      'dropped metadata at metadata: 1',
    ],
    ['tokens', { inputs: [{ type: 'tokens', tokens: [1] }] }, 'dropped tokens at inputs[0]: 4'],
    [
      'a picture',
      {
        inputs: [
          text,
          {
            type: 'parts',
            parts: [{ type: 'image', source: { kind: 'url', url: 'https://x/y' } }],
          },
        ],
      },
      'dropped image at inputs[1].parts[0]: 3',
    ],
    [
      'lengths that differ',
      {
        inputs: [
          { ...text, settings: { dimensions: 3 } },
          { ...text, settings: { dimensions: 4 } },
        ],
      },
      'approximated dimensions at dimensions: 3',
    ],
  ])('notes %s', (_, more, note) => {
    expect(notes(asking(more))).toContain(note)
  })

  it('says nothing of the encoding: what the client wants is made of the answer', () => {
    expect(notes(asking({ encoding: 'base64' }))).toEqual([])
  })

  it('gathers what all inputs agree on', () => {
    const settings = { task: 'CLUSTERING', dimensions: 3 }
    const inputs = [
      { ...text, settings },
      { ...text, settings },
    ]
    const rules: EmbedRules = { ...BARE, takes: ['task', 'dimensions'] }
    expect(lowerEmbed(asking({ inputs }), rules)).toEqual({
      value: asking({ inputs: [text, text], ...settings }),
      notes: [],
    })
  })

  it('leaves each input its own where the target has them', () => {
    const inputs = [
      { ...text, settings: { title: 'one' } },
      { ...text, settings: { title: 'two' } },
    ]
    const rules: EmbedRules = { ...BARE, takes: ['title'], perInput: true }
    expect(lowerEmbed(asking({ inputs }), rules).notes).toEqual([])
  })

  it('joins texts that stand in parts', () => {
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ] as const
    expect(lowerEmbed(asking({ inputs: [{ type: 'parts', parts }] }), BARE)).toEqual({
      value: asking({ inputs: [{ type: 'text', text: 'ab' }] }),
      notes: [],
    })
  })

  it('changes nothing the second time', () => {
    const setting = fc.record(
      {
        dimensions: fc.nat(9),
        task: fc.constantFrom('A', 'B'),
        title: fc.string(),
        truncate: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    const input = fc.record({
      type: fc.constant('text' as const),
      text: fc.string(),
      settings: setting,
    })
    const takes = fc.subarray(['dimensions', 'task', 'title', 'truncate', 'user'] as const)
    fc.assert(
      fc.property(fc.array(input), setting, takes, (inputs, settings, known) => {
        const rules: EmbedRules = { ...BARE, takes: known }
        const { value } = lowerEmbed(asking({ inputs, ...settings, user: 'u' }), rules)
        expect(lowerEmbed(value, rules)).toEqual({ value, notes: [] })
      }),
      { numRuns: 1000 },
    )
  })
})
