// The vendors with a protocol of their own: what they are sent, what their answers become, where their keys go and do not go.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contextOf, drain, failureOf } from '../../test/context.ts'
import { type FakeUpstream, type ScriptedReply, openUpstream } from '../../test/fake-upstream.ts'
import { json } from '../../test/openai-replies.ts'
import { createTransport } from '../transport/http-transport.ts'
import type { Transport } from '../transport/transport.ts'
import type { BaseProvider } from './base-provider.ts'
import { detectProviders } from './detect.ts'
import type { ProviderConfig } from './provider-config.ts'
import { builtinTypes } from './provider-types.ts'

const KEY = 'canary-0123456789'
const HELLO = [{ role: 'user', content: 'hello' }] as const

let upstream: FakeUpstream
let transport: Transport

beforeEach(async () => {
  upstream = await openUpstream()
  transport = createTransport()
})

afterEach(async () => {
  await transport.close()
  await upstream.close()
})

function provider(providerType: string, more: Partial<ProviderConfig> = {}): BaseProvider {
  const config = { providerType, name: 'lab', apiKey: KEY, baseUrl: upstream.url, ...more }
  const built = builtinTypes.get(providerType)?.(config, contextOf(transport))
  if (built === undefined) throw new Error(`there is no provider type ${providerType}`)
  return built
}

function events(...chunks: readonly unknown[]): ScriptedReply {
  const lines = chunks.map((chunk) => {
    return `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`
  })
  return { headers: { 'content-type': 'text/event-stream' }, chunks: lines }
}

const HEAD = { id: 'c1', object: 'chat.completion', created: 1, model: 'mistral-small-latest' }

function chunk(delta: object, more: object = {}): object {
  return { ...HEAD, choices: [{ index: 0, delta, finish_reason: null, ...more }] }
}

/** What is said of the keys in an environment. */
async function found(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { signal } = new AbortController()
  const local = { OLLAMA_HOST: upstream.url }
  const all = await detectProviders({ env: { ...local, ...env }, transport, signal })
  return all.map(({ line }) => line)
}

describe('Mistral', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

  it('is asked in its own words, with its ids, and its answer is read', async () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], closed: true }
    const message = { role: 'assistant', content: [thinking, { type: 'text', text: 'Hi!' }] }
    upstream.reply(
      json({ ...HEAD, usage, choices: [{ index: 0, message, finish_reason: 'stop' }] }),
    )
    const call = { id: 'call_from_elsewhere', name: 'look', arguments: '{}' }
    const messages = [
      { role: 'user', content: 'look' },
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', content: 'seen', toolCallId: call.id },
    ] as const
    const answer = await provider('mistral', { baseUrl: `${upstream.url}/v1` }).chat(
      messages,
      'mistral-small-latest',
      { maxTokens: 9 },
    )
    expect(answer).toMatchObject({ content: 'Hi!', tokensUsed: 5, finishReason: 'stop' })
    const [seen] = upstream.requests
    expect(seen).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${KEY}` },
      json: { model: 'mistral-small-latest', max_tokens: 9 },
    })
    const ids = [...(seen?.text.matchAll(/id":"(?<id>[^"]+)"/g) ?? [])].map((one) => one[1])
    expect(ids).toEqual([expect.stringMatching(/^[A-Za-z0-9]{9}$/), ids[0]])
  })

  it('streams, and lists its models with what they can do', async () => {
    const last = { ...chunk({ content: '' }, { finish_reason: 'stop' }), usage }
    upstream.reply(
      events(
        chunk({ role: 'assistant', content: 'Hel' }),
        chunk({ content: 'lo' }),
        last,
        '[DONE]',
      ),
    )
    const mistral = provider('mistral', { baseUrl: `${upstream.url}/v1` })
    const types = (await drain(mistral.stream(HELLO, 'mistral-small-latest'))).map(
      ({ type }) => type,
    )
    expect(types.at(-1)).toBe('response-end')
    expect(upstream.requests[0]?.json).toMatchObject({ stream: true })
    const capabilities = { function_calling: true, vision: false }
    upstream.reply(json({ object: 'list', data: [{ id: 'mistral-small-latest', capabilities }] }))
    await expect(mistral.describeModels()).resolves.toMatchObject([
      { id: 'mistral-small-latest', capabilities: ['tools'] },
    ])
    expect(upstream.requests[1]?.path).toBe('/v1/models')
  })

  it('has its refusals told as ours, without the key', async () => {
    upstream.reply({
      ...json({ object: 'error', message: `bad ${KEY}`, code: '3230' }),
      status: 400,
    })
    const failure = await failureOf(provider('mistral').chat(HELLO, 'm'))
    expect(failure).toMatchObject({ kind: 'invalid_request' })
    expect(JSON.stringify(failure)).not.toContain(KEY)
  })
})

describe('Google', () => {
  const answer = {
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hi!' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: 'gemini-2.5-flash',
  }

  it('is asked by the path, with the key in its header and in no URL', async () => {
    upstream.reply(json(answer))
    const google = provider('google', { baseUrl: `${upstream.url}/v1beta` })
    await expect(google.chat(HELLO, 'gemini-2.5-flash')).resolves.toMatchObject({
      content: 'Hi!',
      tokensUsed: 5,
      finishReason: 'stop',
    })
    const [seen] = upstream.requests
    expect(seen?.path).toBe('/v1beta/models/gemini-2.5-flash:generateContent')
    expect(seen?.headers['x-goog-api-key']).toBe(KEY)
    expect(seen?.headers.authorization).toBeUndefined()
    expect(seen?.path).not.toContain(KEY)
  })

  it('streams as events', async () => {
    upstream.reply(events(answer))
    const seen = await drain(provider('google').stream(HELLO, 'gemini-2.5-flash'))
    expect(seen.at(-1)?.type).toBe('response-end')
    expect(upstream.requests[0]?.path).toBe(
      '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    )
  })

  it('lists its models', async () => {
    upstream.reply(json({ models: [{ name: 'models/gemini-2.5-flash', inputTokenLimit: 9 }] }))
    const [card] = await provider('google').describeModels()
    expect(card?.id).toContain('gemini-2.5-flash')
    expect(upstream.requests[0]?.path).toMatch(/^\/v1beta\/models/)
    expect(upstream.requests[0]?.path).not.toContain(KEY)
  })
})

describe('keys in the environment', () => {
  it('are found under each name, the first that holds one', async () => {
    upstream.answer(() => ({ status: 404 }))
    await expect(found({ MISTRAL_API_KEY: KEY })).resolves.toEqual([
      'Mistral: key found in MISTRAL_API_KEY',
    ])
    await expect(found({ GOOGLE_API_KEY: KEY })).resolves.toEqual([
      'Google Gemini: key found in GOOGLE_API_KEY',
    ])
    await expect(found({ GEMINI_API_KEY: KEY, GOOGLE_API_KEY: 'other' })).resolves.toEqual([
      'Google Gemini: key found in GEMINI_API_KEY',
    ])
  })
})
