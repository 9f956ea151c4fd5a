// Vectors and counts through the manager: plugins, refusals, limits, and what an upstream answers.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { EchoProvider } from '../../test/echo-provider.ts'
import { type FakeUpstream, openUpstream } from '../../test/fake-upstream.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { ProviderManager } from '../pipeline/library.ts'
import type { EmbedOptions, MinimalEmbedAnswer } from './embed-answer.ts'
import type { ProviderConfig } from './provider-config.ts'

class EmbeddingPlugin extends EchoProvider {
  readonly heard: (EmbedOptions | undefined)[] = []

  override async embed(
    inputs: readonly string[],
    _model?: string,
    options?: EmbedOptions,
  ): Promise<MinimalEmbedAnswer> {
    this.heard.push(options)
    return { vectors: inputs.map((text) => [text.length]), usage: { input: { total: 4 } } }
  }
}

let upstream: FakeUpstream
let manager: ProviderManager
const seen: Exchange[] = []

beforeEach(async () => {
  upstream = await openUpstream()
  seen.length = 0
  manager = new ProviderManager({
    clock: () => 0,
    middleware: [
      (next) => async (exchange) => {
        seen.push(exchange)
        return next(exchange)
      },
    ],
  })
})
afterEach(async () => {
  await manager.closeAll()
  await upstream.close()
})

function host(more: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    providerType: 'custom',
    name: 'lab',
    baseUrl: `${upstream.url}/v1`,
    defaultModel: 'e',
    ...more,
  }
}

function list(vectors: readonly (readonly number[])[]): string {
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }))
  return JSON.stringify({
    object: 'list',
    data,
    model: 'e',
    usage: { prompt_tokens: 2, total_tokens: 2 },
  })
}

describe('embed', () => {
  it('asks a plugin’s own way, with all options, and counts the call', async () => {
    const plugin = new EmbeddingPlugin({ providerType: 'echo', name: 'bird' })
    manager.registerProvider(plugin)
    const options = { dimensions: 1, task: 'CLUSTERING', title: 't', truncate: true, user: 'u' }
    expect(await manager.embed(['a', 'bc'], options)).toEqual({
      vectors: [[1], [2]],
      model: 'parrot',
      attempts: 1,
      provider: 'bird',
      usage: { input: { total: 4 } },
      latencyMs: 0,
      notes: [],
    })
    expect(plugin.heard[0]).toMatchObject({ ...options, policy: 'default' })
    expect(plugin.tracker.stats()).toMatchObject({ requests: 1, inputTokens: 4, inFlight: 0 })
  })

  it('is refused by name where a provider has none', async () => {
    manager.registerProvider(new EchoProvider({ providerType: 'echo', name: 'bird' }))
    expect(await failureOf(manager.embed('a'))).toMatchObject({
      kind: 'unsupported',
      origin: 'client',
      code: 'unsupported_operation',
      message: expect.stringContaining('"bird" has no embeddings'),
    })
  })

  it.each(['deepseek', 'anthropic'])(
    'is refused for %s before anyone is asked',
    async (providerType) => {
      manager.registerProvider(
        host({ providerType, name: 'none', apiKey: 'k', baseUrl: upstream.url }),
      )
      expect(await failureOf(manager.embed('a'))).toMatchObject({ code: 'unsupported_operation' })
      expect(upstream.requests).toEqual([])
    },
  )

  it('gives an upstream’s vectors and counts', async () => {
    upstream.reply({
      chunks: [
        list([
          [1, 2],
          [3, 4],
        ]),
      ],
    })
    manager.registerProvider(host())
    expect(await manager.embed(['a', 'b'], { dimensions: 2 })).toMatchObject({
      vectors: [
        [1, 2],
        [3, 4],
      ],
      model: 'e',
      tokensUsed: 2,
    })
    expect(upstream.requests[0]).toMatchObject({
      path: '/v1/embeddings',
      json: { model: 'e', input: ['a', 'b'], dimensions: 2 },
    })
  })

  it('fails where vectors are missing, and where the answer cannot be read', async () => {
    manager.registerProvider(host())
    upstream.reply({ chunks: [list([[1]])] })
    expect(await failureOf(manager.embed(['a', 'b']))).toMatchObject({
      kind: 'upstream',
      message: expect.stringContaining('2 inputs with 1 vectors'),
    })
    upstream.reply({ chunks: ['{"object":"list"}'] })
    expect(await failureOf(manager.embed('a'))).toMatchObject({ code: 'upstream_bad_response' })
    upstream.reply({
      status: 501,
      chunks: [
        '{"error":{"code":501,"message":"Start it with `--embeddings`","type":"not_supported_error"}}',
      ],
    })
    expect(await failureOf(manager.embed('a'))).toMatchObject({
      message: expect.stringContaining('--embeddings'),
    })
  })

  it('notes what a host has no word for, and refuses what weighs too much', async () => {
    upstream.answer(() => ({ chunks: [list([[1]])] }))
    manager.registerProvider(host())
    const { notes } = await manager.embed('a', { task: 'CLUSTERING' })
    expect(notes).toMatchObject([{ feature: 'task', weight: 2 }])
    expect(
      await failureOf(manager.embed('a', { task: 'CLUSTERING', policy: 'strict' })),
    ).toMatchObject({
      code: 'translation_refused',
      param: 'task',
    })
  })

  it('passes through the same middleware as a chat, the rate limit among it', async () => {
    manager.registerProvider(
      new EmbeddingPlugin({ providerType: 'echo', name: 'slow', rateLimit: 2 }),
    )
    await manager.chat('one')
    await manager.embed('two')
    expect(await failureOf(manager.embed('three'))).toMatchObject({ kind: 'rate_limit' })
    expect(seen.map(({ operation }) => operation)).toEqual(['chat', 'embed', 'embed'])
  })

  it('asks a provider object directly too', async () => {
    upstream.reply({ chunks: [list([[1]])] })
    const provider = manager.registerProvider(host())
    expect(await provider.embed(['a'])).toMatchObject({ vectors: [[1]] })
  })
})

describe('countTokens', () => {
  it('is the provider’s count where it has one', async () => {
    manager.registerProvider(host({ settings: { dialect: 'anthropic-messages' } }))
    upstream.reply({ chunks: ['{"input_tokens":9}'] })
    expect(await manager.countTokens('a', { systemPrompt: 'b' })).toMatchObject({
      inputTokens: 9,
      exact: true,
    })
    expect(upstream.requests[0]?.path).toMatch(/count_tokens$/)
  })

  it('is a guess elsewhere, that takes no place of the rate limit', async () => {
    manager.registerProvider(new EchoProvider({ providerType: 'echo', name: 'slow', rateLimit: 1 }))
    await manager.countTokens('one')
    const guess = await manager.countTokens('How long is this?')
    expect(guess).toMatchObject({ exact: false, inputTokens: expect.any(Number) })
    expect(guess.inputTokens).toBeGreaterThan(8)
    await manager.chat('two')
  })
})

describe('models in memory', () => {
  it('are those that Ollama tells of, and none of a host that cannot tell', async () => {
    const details = { family: 'llama', parameter_size: '1B', quantization_level: 'Q4' }
    const model = {
      name: 'a:1b',
      model: 'a:1b',
      size: 5,
      digest: 'd',
      details,
      expires_at: 't',
      size_vram: 3,
    }
    upstream.reply({ chunks: [JSON.stringify({ models: [model] })] })
    const ollama = manager.registerProvider({
      providerType: 'ollama',
      name: 'o',
      baseUrl: upstream.url,
    })
    expect(await ollama.runningModels()).toMatchObject([{ id: 'a:1b', sizeBytes: 5 }])
    expect(upstream.requests[0]?.path).toBe('/api/ps')
    expect(await manager.registerProvider(host()).runningModels()).toEqual([])
  })
})
