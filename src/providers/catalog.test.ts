// The catalog as data: sound rows, and family patterns that match what they should.
import { describe, expect, it } from 'vitest'
import { contextOf } from '../../test/context.ts'
import type { JsonObject } from '../canonical/json.ts'
import { messageFlags } from '../dialects/anthropic-messages/flags.ts'
import { flagsOf as geminiFlags } from '../dialects/gemini/flags.ts'
import { flagsOf as mistralFlags } from '../dialects/mistral-chat/flags.ts'
import { flagsOf as ollamaFlags } from '../dialects/ollama/flags.ts'
import { flagsOf as chatFlags } from '../dialects/openai-chat/flags.ts'
import { flagsOf as responsesFlags } from '../dialects/openai-responses/flags.ts'
import { parseUpstreamUrl } from '../transport/base-url.ts'
import { catalog, catalogRow } from './catalog.ts'
import { builtinTypes } from './provider-types.ts'

const PROFILE = { provider: 'p', flags: {} }
const TRANSPORT = {
  send: () => Promise.reject(new Error('a factory must ask nobody')),
  close: () => Promise.resolve(),
}

describe('the catalog', () => {
  it('has each type once, with a factory', () => {
    const types = catalog.map((row) => row.type)
    expect(new Set(types).size).toBe(types.length)
    for (const type of types) expect(builtinTypes.has(type)).toBe(true)
  })

  it.each(catalog.map((row) => [row.type, row] as const))('%s is a sound row', (type, row) => {
    const baseUrl = row.baseUrl ?? row.baseUrlExample?.replace(/<.*?>/, 'x') ?? ''
    const isHere = new URL(baseUrl).hostname === '127.0.0.1'
    const reach = row.locality === 'local' || isHere ? 'private' : 'public'
    expect(parseUpstreamUrl(baseUrl, reach).href).toContain(new URL(baseUrl).host)
    expect(row.keyRequired === true).toBe(row.locality === 'cloud')
    expect(row.keyRequired === true).toBe(row.keyVariable !== undefined)
    const provider = builtinTypes.get(type)?.(
      { providerType: type, name: 'p', ...(row.baseUrl === undefined ? { baseUrl } : {}) },
      contextOf(TRANSPORT),
    )
    expect(provider?.locality).toBe(row.locality)
    expect(provider?.enabled).toBe(row.locality === 'local')
  })

  const KNOWN = new Map<string, readonly string[]>([
    ['openai-chat', Object.keys(chatFlags(PROFILE))],
    ['openai-responses', Object.keys(responsesFlags(PROFILE))],
    ['anthropic-messages', Object.keys(messageFlags(PROFILE))],
    ['gemini', Object.keys(geminiFlags(PROFILE))],
    ['mistral-chat', Object.keys(mistralFlags(PROFILE))],
    ['ollama', Object.keys(ollamaFlags(PROFILE))],
  ])
  const protocols = catalog
    .flatMap((row) => [row, ...(row.otherProtocols ?? [])].map((one) => [row.type, one] as const))
    .map(([type, one]) => [type, one.dialect.id, one] as const)
  it.each(protocols)('%s uses only flags that %s knows', (_, dialect, { flags, families = [] }) => {
    const used = [flags, ...families.map((family) => family.flags)].flatMap((each) =>
      Object.keys(each ?? {}),
    )
    expect(used.filter((flag) => KNOWN.get(dialect)?.includes(flag) !== true)).toEqual([])
  })

  it.each(catalog.filter((row) => row.otherProtocols !== undefined).map((row) => [row.type, row]))(
    '%s has each protocol once',
    (_, row) => {
      const ids = [row, ...(row.otherProtocols ?? [])].map(({ dialect }) => dialect.id)
      expect(new Set(ids).size).toBe(ids.length)
    },
  )
})

function familyFlags(type: string, model: string): JsonObject {
  const families = catalogRow(type)?.families ?? []
  return Object.assign(
    {},
    ...families.filter((family) => family.pattern.test(model)).map((family) => family.flags),
  )
}

describe('model families', () => {
  it.each([
    ['magistral-medium-latest', { reasoningControl: 'prompt_mode' }],
    ['mistral-small-latest', { reasoningControl: 'reasoning_effort' }],
    ['mistral-medium-3.5', { reasoningControl: 'reasoning_effort' }],
    ['open-mixtral-8x22b', { userAfterTool: false }],
    ['zai-glm-5', { toolIds: 'any' }],
    ['codestral-latest', {}],
  ])('of Mistral: %s', (model, flags) => {
    expect(familyFlags('mistral', model)).toEqual(flags)
  })

  it.each([
    'gpt-5',
    'gpt-5-mini',
    'gpt-5-2025-08-07',
    'o1',
    'o3-mini',
    'gpt-5.5',
    'gpt-5.1-codex',
    'gpt-5.2-pro',
    'gpt-5.2-chat-latest',
    'gpt-5.3-codex',
  ])('%s always reasons and takes no sampling settings', (model) => {
    expect(familyFlags('openai', model)).toMatchObject({
      maxTokensField: 'max_completion_tokens',
      unsupportedFields: expect.arrayContaining(['temperature', 'top_p']),
    })
  })

  it.each(['gpt-5.1', 'gpt-5.4-mini'])(
    '%s takes sampling settings as long as it is not asked to reason',
    (model) => {
      expect(familyFlags('openai', model)).toEqual({
        maxTokensField: 'max_completion_tokens',
        refusedWhileReasoning: expect.arrayContaining(['temperature', 'logit_bias']),
      })
    },
  )

  it.each(['gpt-5.1-chat-latest', 'gpt-5.3-codex', 'gpt-5.4-pro'])(
    '%s cannot be told not to reason',
    (model) => {
      expect(familyFlags('openai', model)['reasoningEfforts']).not.toContain('none')
    },
  )

  it.each(['gpt-5-chat-latest', 'my-fine-tune', 'gpt-9'])('%s has no rule', (model) => {
    expect(familyFlags('openai', model)).toEqual({})
  })

  it('stop strings are not for o3 and o4-mini', () => {
    for (const model of ['o3', 'o4-mini', 'o3-pro']) {
      expect(familyFlags('openai', model)['unsupportedFields']).toContain('stop')
    }
    expect(familyFlags('openai', 'o1')['unsupportedFields']).not.toContain('stop')
  })

  it.each(['gpt-4o', 'gpt-4.1-mini', 'gpt-3.5-turbo'])('%s cannot be told to think', (model) => {
    expect(familyFlags('openai', model)).toMatchObject({ reasoningControl: 'none' })
  })

  it.each(['gpt-oss:20b', 'library/gpt-oss', 'gpt-oss'])('%s thinks in levels', (model) => {
    expect(familyFlags('ollama', model)).toEqual({ thinkLevels: true })
  })

  it('of xAI refuse stop strings when they reason', () => {
    expect(familyFlags('xai', 'grok-4-fast-reasoning')['unsupportedFields']).toContain('stop')
    expect(familyFlags('xai', 'grok-4-fast-non-reasoning')['unsupportedFields']).toBeUndefined()
  })
})
