// What is found without being configured.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../test/fake-upstream.ts'
import { json } from '../../test/openai-replies.ts'
import { createTransport } from '../transport/http-transport.ts'
import type { Transport } from '../transport/transport.ts'
import { type DetectedProvider, detectProviders, ollamaUrl } from './detect.ts'
import { Secret } from '../vault/secret.ts'

let upstream: FakeUpstream
let transport: Transport

beforeEach(async () => {
  upstream = await openUpstream()
  transport = createTransport()
})

afterEach(async () => {
  vi.useRealTimers()
  await transport.close()
  await upstream.close()
})

async function detect(
  env: Readonly<Record<string, string>> = {},
): Promise<readonly DetectedProvider[]> {
  const { signal } = new AbortController()
  return detectProviders({ env: { OLLAMA_HOST: upstream.url, ...env }, transport, signal })
}

describe('detectProviders', () => {
  it('finds Ollama by its version', async () => {
    upstream.answer(() => json({ version: '0.9.1' }))
    await expect(detect()).resolves.toEqual([
      {
        config: { providerType: 'ollama', name: 'ollama', baseUrl: upstream.url },
        line: `Ollama 0.9.1 at ${upstream.url}`,
      },
    ])
    expect(upstream.requests).toMatchObject([{ method: 'GET', path: '/api/version' }])
  })

  it.each([
    ['another program', json({ hello: 'world' })],
    ['an error', json({ version: '1' }, 500)],
    ['a version that is no version', json({ version: 'x\u001B[2J' })],
    ['something that is not JSON', { chunks: ['<html>'] }],
    ['a huge answer', { chunks: ['a'.repeat(100_000)] }],
    ['a broken connection', { ending: 'reset' } as const],
  ])('does not take %s for Ollama', async (_name, reply) => {
    upstream.answer(() => reply)
    await expect(detect()).resolves.toEqual([])
  })

  it('waits no longer than a second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    upstream.answer(() => ({ ending: 'silent' }))
    const found = detect()
    await upstream.nextRequest()
    await vi.advanceTimersByTimeAsync(1000)
    await expect(found).resolves.toEqual([])
  })

  it('takes no variable for a wish that is usually set for other things', async () => {
    upstream.answer(() => ({ status: 404 }))
    const env = { HF_TOKEN: 'hf', CLOUDFLARE_API_TOKEN: 'cf', LITELLM_API_KEY: 'sk-l' }
    await expect(detect(env)).resolves.toEqual([])
  })

  it('finds Azure where its address is set too', async () => {
    upstream.answer(() => ({ status: 404 }))
    const key = { AZURE_OPENAI_API_KEY: 'az-canary' }
    await expect(detect(key)).resolves.toEqual([])
    await expect(detect({ ...key, AZURE_OPENAI_ENDPOINT: 'not a url' })).resolves.toEqual([])
    const endpoint = 'https://mine.openai.azure.com/'
    await expect(detect({ ...key, AZURE_OPENAI_ENDPOINT: endpoint })).resolves.toMatchObject([
      {
        config: { providerType: 'azure', baseUrl: endpoint },
        line: 'Azure OpenAI: key found in AZURE_OPENAI_API_KEY',
      },
    ])
  })

  it('finds the second name of a variable where the first is not set', async () => {
    upstream.answer(() => ({ status: 404 }))
    await expect(detect({ ALIBABA_API_KEY: 'qw-canary' })).resolves.toMatchObject([
      { line: 'Alibaba Cloud (Qwen): key found in ALIBABA_API_KEY' },
    ])
  })

  it('finds keys by the variables of the catalog, and prints none of them', async () => {
    const key = 'sk-canary-0123456789'
    const found = await detect({ OPENAI_API_KEY: key, GROQ_API_KEY: ` ${key} `, XAI_API_KEY: ' ' })
    expect(found.map((provider) => provider.line)).toEqual([
      'OpenAI: key found in OPENAI_API_KEY',
      'Groq: key found in GROQ_API_KEY',
    ])
    const [, groq] = found
    expect(groq?.config).toMatchObject({ providerType: 'groq', name: 'groq' })
    expect(groq?.config.apiKey).toBeInstanceOf(Secret)
    expect(groq?.config.apiKey instanceof Secret && groq.config.apiKey.reveal()).toBe(key)
    expect(JSON.stringify(found)).not.toContain('canary')
  })
})

describe('ollamaUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:11434'],
    ['127.0.0.1:1234', 'http://127.0.0.1:1234'],
    [':1234', 'http://127.0.0.1:1234'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:1234', 'http://127.0.0.1:1234'],
    ['[::]:1234', 'http://[::1]:1234'],
    ['http://box:1234/', 'http://box:1234'],
    ['http://box', 'http://box'],
    ['https://box.example/ollama/', 'https://box.example/ollama'],
    ['box', 'http://box:11434'],
    ['', undefined],
    ['  ', undefined],
    ['not a host', undefined],
  ])('of %j is %s', (host, url) => {
    expect(ollamaUrl(host)).toBe(url)
  })
})
