// Model lists of OpenAI and of hosts that say more, or say it otherwise.
import { describe, expect, it } from 'vitest'
import { corpusCases } from '../../../test/corpus.ts'
import { isObject } from '../../wire/json.ts'
import { openaiChat } from './dialect.ts'

const { models } = openaiChat
const OWN = { id: 'gpt-5', object: 'model', created: 5, owned_by: 'openai' }

describe('model lists', () => {
  it('are read from the list, from a bare array, and written again as they were', () => {
    const body = { object: 'list', data: [{ ...OWN, shutdown_date: null }, { id: 'x/y:free' }] }
    expect(models.encodeList(models.decodeList(body))).toEqual(body)
    expect(models.decodeList([OWN])).toEqual(models.decodeList({ data: [OWN] }))
    expect(models.decodeList([OWN])[0]).toMatchObject({
      id: 'gpt-5',
      createdMs: 5000,
      ownedBy: 'openai',
    })
  })

  it('pass over what has no id, and refuse what is no list', () => {
    expect(models.decodeList([{ id: '' }, 5, null, { name: 'x' }])).toEqual([])
    expect(() => models.decodeList({ error: 'x' })).toThrow(
      expect.objectContaining({ kind: 'upstream' }),
    )
  })

  it.each([
    [{ context_length: 5 }, { contextTokens: 5 }],
    [{ context_window: 5 }, { contextTokens: 5 }],
    [{ max_model_len: 5 }, { contextTokens: 5 }],
    [{ meta: { n_ctx_train: 5 } }, { contextTokens: 5 }],
    [{ top_provider: { max_completion_tokens: 6 } }, { maxOutputTokens: 6 }],
    [{ name: 'Big' }, { name: 'Big' }],
    [
      {
        supported_parameters: ['tools', 'reasoning'],
        architecture: { input_modalities: ['image'] },
      },
      { capabilities: ['tools', 'thinking', 'vision'] },
    ],
  ])('know what %j means', (more, card) => {
    expect(models.decodeList([{ ...OWN, ...more }])[0]).toMatchObject(card)
  })

  it('give every key the SDKs want for a model from elsewhere', () => {
    expect(models.encodeOne({ id: 'ollama/qwen3', contextTokens: 8, name: 'Qwen' })).toEqual({
      id: 'ollama/qwen3',
      object: 'model',
      created: 0,
      owned_by: 'system',
      name: 'Qwen',
      context_length: 8,
    })
  })

  it('are asked for with one free call', () => {
    expect(models.listPath).toBe('/models')
  })
})

const recorded = corpusCases('openai-compatible').filter(
  (one) => one.name.endsWith('/models-models') && one.status === 200,
)

describe.skipIf(recorded.length === 0)('recorded lists', () => {
  it.for(recorded)('$name comes back as it was', (one) => {
    const body = one.response ?? null
    const data = isObject(body) ? body['data'] : body
    expect(JSON.parse(JSON.stringify(models.encodeList(models.decodeList(body))))).toMatchObject({
      data,
    })
    expect(models.decodeList(body).length).toBeGreaterThan(0)
  })
})
