// Model lists of Mistral, and lists for its SDK.
import { describe, expect, it } from 'vitest'
import { mistralChat } from './dialect.ts'
import { faultsOfModels } from './strict-client.contract.ts'

const { models } = mistralChat

const CARD = {
  id: 'magistral-small',
  object: 'model',
  created: 1_700_000_000,
  owned_by: 'mistralai',
  capabilities: { completion_chat: true, function_calling: true, vision: false, reasoning: true },
  name: 'Magistral',
  max_context_length: 131_072,
  aliases: ['magistral-latest'],
  deprecation: null,
  type: 'base',
}

describe('model lists', () => {
  it('are read with what each model can do, and printed as they came', () => {
    const [card] = models.decodeList({ object: 'list', data: [CARD, { id: '' }, 7] })
    expect(card).toMatchObject({
      id: 'magistral-small',
      name: 'Magistral',
      createdMs: 1_700_000_000_000,
      ownedBy: 'mistralai',
      contextTokens: 131_072,
      capabilities: ['tools', 'thinking'],
    })
    expect(card === undefined ? undefined : models.encodeOne(card)).toEqual(CARD)
    expect(models.decodeList([CARD])).toHaveLength(1)
  })

  it('of other providers have what the SDK insists on', () => {
    const cards = [
      { id: 'alpha/one', capabilities: ['tools', 'vision'], contextTokens: 9 },
      { id: 'alpha/vectors', capabilities: ['embedding'] },
      { id: 'bare' },
    ]
    const list = models.encodeList(cards)
    expect(faultsOfModels(list)).toEqual([])
    expect(list).toMatchObject({
      object: 'list',
      data: [
        {
          id: 'alpha/one',
          max_context_length: 9,
          capabilities: {
            completion_chat: true,
            function_calling: true,
            vision: true,
            audio: false,
          },
        },
        { id: 'alpha/vectors', capabilities: { completion_chat: false } },
        { id: 'bare', created: 0, type: 'base', aliases: [] },
      ],
    })
    const renamed = models.decodeList([CARD]).map((card) => ({ ...card, id: 'mistral/x' }))
    expect(models.encodeList(renamed)).toMatchObject({ data: [{ id: 'mistral/x', type: 'base' }] })
  })

  it('in an unknown form are refused', () => {
    expect(() => models.decodeList({ models: [] })).toThrow('unknown form')
  })
})
