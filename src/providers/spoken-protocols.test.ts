// Which protocols a provider is asked in, and at which addresses.
import { describe, expect, it } from 'vitest'
import { azure } from './azure.ts'
import { catalogRow } from './catalog.ts'
import type { CatalogRow } from './catalog-row.ts'
import { customRow } from './custom.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import type { ProviderConfig, ProviderSettings } from './provider-config.ts'
import { protocolUrl, spokenProtocols } from './spoken-protocols.ts'

function row(type: string): CatalogRow {
  const found = catalogRow(type)
  if (found === undefined) throw new Error(`there is no row ${type}`)
  return found
}

/** `dialect at address`, in order. */
function spoken(
  of: CatalogRow,
  baseUrl = of.baseUrl ?? '',
  settings: ProviderSettings = {},
): readonly string[] {
  const config: ProviderConfig = { providerType: of.type, name: 'p', settings }
  const url = new URL(baseUrl)
  return spokenProtocols(config, of, url).map(
    (one) => `${one.dialect.id} at ${protocolUrl(of, one, url).href.replace(/\/$/, '')}`,
  )
}

describe('the protocols that are spoken', () => {
  it('are all that the vendor has, at its own address', () => {
    expect(spoken(openai)).toEqual([
      'openai-chat at https://api.openai.com/v1',
      'openai-responses at https://api.openai.com/v1',
    ])
  })

  it('are the main one only where a cloud host is said to be elsewhere, unless the config names more', () => {
    const elsewhere = 'https://proxy.example/v1'
    expect(spoken(openai, elsewhere)).toEqual([`openai-chat at ${elsewhere}`])
    const dialects = ['openai-responses', 'openai-chat']
    expect(spoken(openai, elsewhere, { dialects })).toEqual([
      `openai-responses at ${elsewhere}`,
      `openai-chat at ${elsewhere}`,
    ])
  })

  it("are a local server's own wherever it runs, each in its place", () => {
    expect(spoken(ollama, 'http://box.lan:11434')).toEqual([
      'ollama at http://box.lan:11434',
      'openai-chat at http://box.lan:11434/v1',
    ])
    expect(spoken(ollama, 'https://box.lan/ollama')).toEqual([
      'ollama at https://box.lan/ollama',
      'openai-chat at https://box.lan/ollama/v1',
    ])
  })

  it('leave out one that has no words for a flag that the config sets', () => {
    const settings = { flags: { keepAlive: '10m' } }
    expect(spoken(ollama, ollama.baseUrl, settings)).toHaveLength(1)
  })

  it("leave out the host's own translations unless the config names them", () => {
    const deepseek = row('deepseek')
    expect(spoken(deepseek)).toEqual(['openai-chat at https://api.deepseek.com'])
    const dialects = ['anthropic-messages', 'openai-chat']
    expect(spoken(deepseek, deepseek.baseUrl, { dialects })).toEqual([
      'anthropic-messages at https://api.deepseek.com/anthropic',
      'openai-chat at https://api.deepseek.com',
    ])
    expect(spoken(row('llamacpp'))).toHaveLength(1)
  })

  it('are those that the config of a custom host names, once each', () => {
    const settings = { dialects: ['anthropic-messages', 'openai-chat', 'openai-chat'] }
    const custom = customRow({ providerType: 'custom', name: 'p', settings })
    expect(spoken(custom, 'https://host.example/v1', settings)).toEqual([
      'anthropic-messages at https://host.example/v1',
      'openai-chat at https://host.example/v1',
    ])
  })

  it("of an Azure resource are both on the v1 surface, and Chat alone on a deployment's", () => {
    const resource = 'https://mine.openai.azure.com'
    const v1 = [`openai-chat at ${resource}/openai/v1`, `openai-responses at ${resource}/openai/v1`]
    expect(spoken(azure, resource)).toEqual(v1)
    expect(spoken(azure, `${resource}/openai/v1`)).toEqual(v1)
    const deployment = `${resource}/openai/deployments/mine`
    expect(spoken(azure, deployment)).toEqual([`openai-chat at ${deployment}`])
  })

  it('refuse a name that the type does not have', () => {
    expect(() => spoken(openai, openai.baseUrl, { dialects: ['gemini'] })).toThrow(
      'does not speak "gemini". It speaks: openai-chat, openai-responses.',
    )
  })
})
