// Model lists: names without their collection, limits, and what a model can be asked for.
import { describe, expect, it } from 'vitest'
import { plain } from '../dialect.contract.ts'
import { gemini } from './dialect.ts'

const { models } = gemini

describe('models', () => {
  const listed = {
    models: [
      {
        name: 'models/gemini-2.5-flash',
        version: '001',
        displayName: 'Gemini 2.5 Flash',
        inputTokenLimit: 1_048_576,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ['generateContent', 'countTokens'],
        thinking: true,
        temperature: 1,
      },
      { name: 'tunedModels/mine' },
    ],
  }

  it('are read with their limits and abilities', () => {
    expect(models.decodeList(listed)).toMatchObject([
      {
        id: 'gemini-2.5-flash',
        name: 'Gemini 2.5 Flash',
        contextTokens: 1_048_576,
        maxOutputTokens: 65_536,
        capabilities: ['completion', 'thinking'],
      },
      { id: 'tunedModels/mine' },
    ])
  })

  it('come back as they were', () => {
    expect(plain(models.encodeList(models.decodeList(listed)))).toEqual(listed)
  })

  it('of other wires are named as resources, slashes and all', () => {
    expect(plain(models.encodeOne({ id: 'openai/gpt-4o', contextTokens: 9 }))).toEqual({
      name: 'models/openai/gpt-4o',
      version: 'unknown',
      displayName: 'openai/gpt-4o',
      inputTokenLimit: 9,
      supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
    })
    const embedder = { id: 'e', capabilities: ['embedding'] }
    expect(models.encodeOne(embedder)).toMatchObject({
      supportedGenerationMethods: ['embedContent'],
    })
  })

  it('are all on one page, and none is none', () => {
    expect(models.listPath).toBe('/v1beta/models?pageSize=1000')
    expect(models.decodeList({})).toEqual([])
  })
})

describe('a model of Google behind a gateway', () => {
  it('has the name that the gateway knows it by', () => {
    const [card] = models.decodeList({ models: [{ name: 'models/gemini-3-pro', version: '001' }] })
    if (card === undefined) throw new Error('no card')
    expect(models.encodeList([{ ...card, id: 'work/gemini-3-pro' }])).toMatchObject({
      models: [{ name: 'models/work/gemini-3-pro', version: '001' }],
    })
  })
})
