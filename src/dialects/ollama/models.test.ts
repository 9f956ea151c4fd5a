// Model lists: what a server tells of its models, and what Ollama's clients need to read of ours.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from '../../wire/errors.ts'
import type { Json } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { ollama } from './dialect.ts'

const TAGS: Json = {
  models: [
    {
      name: 'qwen3:4b',
      model: 'qwen3:4b',
      modified_at: '2026-06-19T16:26:52.429441648-07:00',
      size: 2497293931,
      digest: '359d7dd4bcda',
      details: {
        parent_model: '',
        format: 'gguf',
        family: 'qwen3',
        families: ['qwen3'],
        parameter_size: '4.0B',
        quantization_level: 'Q4_K_M',
        context_length: 40960,
      },
      capabilities: ['completion', 'tools', 'thinking'],
    },
  ],
}

describe('/api/tags', () => {
  it('is read into cards and written again as it was', () => {
    const [card] = ollama.models.decodeList(TAGS)
    expect(card).toMatchObject({
      id: 'qwen3:4b',
      sizeBytes: 2497293931,
      createdMs: Date.parse('2026-06-19T23:26:52.429Z'),
      family: 'qwen3',
      parameterSize: '4.0B',
      quantization: 'Q4_K_M',
      contextTokens: 40960,
      capabilities: ['completion', 'tools', 'thinking'],
    })
    expect(plain(ollama.models.encodeList(ollama.models.decodeList(TAGS)))).toEqual(TAGS)
  })

  it('has every key for a model of which only the name is known', () => {
    expect(plain(ollama.models.encodeList([{ id: 'cloud/gpt' }]))).toEqual({
      models: [
        {
          name: 'cloud/gpt',
          model: 'cloud/gpt',
          modified_at: '0001-01-01T00:00:00Z',
          size: 0,
          digest: '0'.repeat(64),
          details: {
            parent_model: '',
            format: '',
            family: '',
            families: [],
            parameter_size: '',
            quantization_level: '',
          },
        },
      ],
    })
  })

  it('reads a model that has only one of its two names, and details that are null', () => {
    const body = { models: [{ name: 'a', details: null, modified_at: '0001-01-01T00:00:00Z' }] }
    const [card] = ollama.models.decodeList(body)
    expect(card?.id).toBe('a')
    expect(card?.createdMs).toBeUndefined()
    expect(plain(ollama.models.encodeList(card === undefined ? [] : [card]))).toMatchObject({
      models: [{ name: 'a', details: { family: '' } }],
    })
  })

  it('refuses any other JSON with a path', () => {
    expect(() => ollama.models.decodeList({ models: [{}] })).toThrow('models[0].model is missing')
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const body: Json = JSON.parse(JSON.stringify(value))
        try {
          ollama.models.decodeList(body)
        } catch (error) {
          if (!(error instanceof WireError)) throw error
        }
      }),
    )
  })
})

describe('/api/show', () => {
  it('tells capabilities and the context length under the name of the architecture', () => {
    const [card] = ollama.models.decodeList(TAGS)
    expect(card === undefined ? {} : ollama.models.encodeOne(card)).toMatchObject({
      details: { family: 'qwen3' },
      model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40960 },
      capabilities: ['completion', 'tools', 'thinking'],
      modified_at: '2026-06-19T16:26:52.429441648-07:00',
    })
  })

  it('tells of an unknown model that it completes, and invents no context length', () => {
    expect(plain(ollama.models.encodeOne({ id: 'x', createdMs: 0 }))).toMatchObject({
      model_info: { 'general.architecture': 'unknown' },
      capabilities: ['completion'],
      modified_at: '1970-01-01T00:00:00.000Z',
    })
    expect(JSON.stringify(ollama.models.encodeOne({ id: 'x' }))).not.toContain('context_length')
  })
})

it('claims a version that no client refuses', () => {
  const [major = 0, minor = 0] = (ollama.version ?? '').split('.').map(Number)
  expect(major > 0 || minor >= 7).toBe(true)
})
