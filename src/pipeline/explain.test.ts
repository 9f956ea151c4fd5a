// manager.explain: what chat would do, without doing it, for providers of every kind.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { EchoProvider } from '../../test/echo-provider.ts'
import { type FakeUpstream, openUpstream } from '../../test/fake-upstream.ts'
import { ScriptedProvider } from '../testing.ts'
import { Secret } from '../vault/secret.ts'
import { ProviderManager } from './library.ts'

const KEY = 'sk-canary-of-the-library'
let upstream: FakeUpstream
let manager: ProviderManager

beforeAll(async () => {
  upstream = await openUpstream()
  upstream.answer(() => ({
    chunks: [
      '{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}',
    ],
  }))
  manager = new ProviderManager({ prices: { 'work/tiny': { input: 1, output: 2 } } })
  manager.registerProvider({
    providerType: 'custom',
    name: 'work',
    baseUrl: `${upstream.url}/v1`,
    apiKey: new Secret(KEY),
    models: ['tiny'],
    rateLimit: 1,
    settings: { headers: { 'x-team': `${KEY}-too` } },
  })
  manager.registerProvider(new ScriptedProvider({ name: 'script', models: ['a', 'b'] }))
  manager.registerProvider(new EchoProvider({ providerType: 'echo', name: 'echo' }))
})
afterAll(async () => {
  await manager.closeAll()
  await upstream.close()
})

describe('manager.explain', () => {
  it('says what chat then sends, and takes no place of the rate limit', async () => {
    const options = { systemPrompt: 'Be kind.', maxTokens: 10, topK: 3 }
    const explained = await manager.explain('Hello', options)
    expect(upstream.requests).toHaveLength(0)
    const answer = await manager.chat('Hello', options)
    const [seen] = upstream.requests
    expect(explained).toMatchObject({
      target: { provider: 'work', model: 'tiny' },
      lane: 'translate',
      call: {
        kind: 'http',
        method: 'POST',
        url: `${upstream.url}/v1/chat/completions`,
        body: seen?.text,
      },
      askedIn: { dialect: 'openai-chat', reason: 'only' },
      verdicts: { lenient: 'pass', default: 'warn', strict: 'refuse' },
      notes: [
        {
          feature: 'top_k',
          weight: 2,
          verdicts: { lenient: 'pass', default: 'warn', strict: 'refuse' },
        },
      ],
      forecast: { exact: false, maxOutputTokens: 10, price: { origin: 'config' } },
    })
    expect(explained.notes).toMatchObject(answer.notes)
    expect(answer.cost).toEqual({ nanoUsd: 13_000, usd: '0.000013' })
    expect(JSON.stringify(explained)).not.toContain('canary')
  })

  it('says what a plugin would be handed, and that what runs here is free', async () => {
    const explained = await manager.explain([{ role: 'user', content: 'Hi' }], {
      provider: 'script',
      model: 'b',
      temperature: 1,
    })
    expect(explained).toMatchObject({
      target: { provider: 'script', model: 'b' },
      call: {
        kind: 'inner',
        given: {
          messages: [{ role: 'user', content: 'Hi' }],
          model: 'b',
          options: { temperature: 1 },
        },
      },
    })
    expect(manager.getProvider('script')).toHaveProperty('calls', [])
  })

  it('takes requests of wire protocols, and finds their models by what is known', async () => {
    const messages = [{ role: 'user', content: 'hi' }]
    const body = { model: 'b', max_tokens: 5, messages, metadata: { user_id: 'u' } }
    const question = { dialect: 'anthropic-messages', body }
    expect((await manager.explain(question)).target).toEqual({ provider: 'script', model: 'b' })
    const elsewhere = await manager.explain(question, { provider: 'work', model: 'other' })
    expect(elsewhere).toMatchObject({
      target: { provider: 'work', model: 'other' },
      lane: 'translate',
    })
    const own = { dialect: 'openai-chat', body: { model: 'tiny', messages } }
    expect(await manager.explain(own, { provider: 'work', model: 'tiny' })).toMatchObject({
      lane: 'bytes',
    })
    const gemini = { dialect: 'gemini', body: { contents: [{ parts: [{ text: 'hi' }] }] } }
    expect((await manager.explain(gemini, { model: 'tiny' })).call).toMatchObject({
      body: expect.stringContaining('"tiny"'),
    })
  })

  it('says as what the request would be refused', async () => {
    const body = { model: 'tiny', messages: [{ role: 'user', content: 'hi' }], safe_prompt: true }
    const explained = await manager.explain({ dialect: 'mistral-chat', body }, { provider: 'work' })
    expect(explained.refusal).toMatchObject({ kind: 'unsupported', code: 'translation_refused' })
    expect(explained.verdicts).toEqual({ lenient: 'refuse', default: 'refuse', strict: 'refuse' })
    await expect(
      manager.explain('hi', { provider: 'work', policy: 'strict' }),
    ).resolves.not.toHaveProperty('refusal')
  })

  it.each<[string, Parameters<ProviderManager['explain']>, object]>([
    [
      'a provider that there is not',
      ['hi', { provider: 'nobody' }],
      { code: 'provider_not_found' },
    ],
    ['a protocol that there is not', [{ dialect: 'latin', body: {} }], { code: 'unknown_dialect' }],
    [
      'a model that only a list would tell',
      ['hi', { provider: 'echo' }],
      { code: 'model_not_found' },
    ],
  ])('throws, as chat does, for %s', async (_, question, error) => {
    expect(await failureOf(manager.explain(...question))).toMatchObject(error)
  })

  it('asks nobody for a list', async () => {
    const before = upstream.requests.length
    await manager.explain('hi', { provider: 'work', stream: true })
    await manager.explain({ dialect: 'openai-chat', body: { model: 'tiny', messages: [] } })
    expect(upstream.requests).toHaveLength(before)
  })
})
