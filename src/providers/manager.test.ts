// Many providers behind one door: defaults, names, failures that stay where they are.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { drain, failureOf } from '../../test/context.ts'
import { EchoProvider, echo } from '../../test/echo-provider.ts'
import { type FakeUpstream, openUpstream } from '../../test/fake-upstream.ts'
import { completion, contentChunk, modelList, stream } from '../../test/openai-replies.ts'
import type { Middleware } from '../exchange/exchange.ts'
import { ProviderManager } from './manager.ts'
import type { HealthReport } from './health.ts'
import type { ProviderConfig } from './provider-config.ts'

const KEY = 'sk-canary-0123456789'

let upstream: FakeUpstream
let manager: ProviderManager

beforeEach(async () => {
  upstream = await openUpstream()
  manager = new ProviderManager({ clock: () => 5000 })
})

afterEach(async () => {
  vi.useRealTimers()
  await manager.closeAll()
  await upstream.close()
})

function lab(more: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    providerType: 'custom',
    name: 'lab',
    baseUrl: `${upstream.url}/v1`,
    defaultModel: 'tiny',
    ...more,
  }
}

class HangingProvider extends EchoProvider {
  override listModels(): Promise<string[]> {
    return new Promise(() => {})
  }

  override healthCheck(): Promise<boolean> {
    return new Promise(() => {})
  }
}

class FailingProvider extends EchoProvider {
  override async listModels(): Promise<string[]> {
    throw new Error('broken')
  }

  override async checkHealth(): Promise<HealthReport> {
    throw new Error('broken')
  }
}

function named(Made: typeof EchoProvider, name: string): EchoProvider {
  return new Made({ providerType: 'echo', name })
}

describe('registering', () => {
  it('makes the first provider the default, until another is chosen', () => {
    expect(manager.defaultName).toBeUndefined()
    manager.registerProvider(echo('one'))
    manager.registerProvider(echo('two'))
    expect(manager.defaultName).toBe('one')
    expect(manager.getProvider().name).toBe('one')
    manager.setDefault('two')
    expect(manager.getProvider().name).toBe('two')
  })

  it('chooses the next when the default is unregistered, and closes it', async () => {
    const one = echo('one')
    manager.registerProvider(one)
    manager.registerProvider(echo('two'))
    await manager.unregisterProvider('one')
    expect(one.closed).toBe(1)
    expect(manager.defaultName).toBe('two')
    await manager.unregisterProvider('two')
    expect(manager.defaultName).toBeUndefined()
    expect(() => manager.getProvider()).toThrow(/No provider is registered/)
  })

  it('says which names exist when one does not', () => {
    manager.registerProvider(echo('one'))
    manager.registerProvider(echo('two'))
    for (const ask of [() => manager.getProvider('three'), () => manager.setDefault('three')]) {
      expect(ask).toThrow('Unknown provider "three". Known providers: one, two.')
    }
    expect(manager.findProvider('three')).toBeUndefined()
    expect(manager.defaultName).toBe('one')
  })

  it('refuses a name that is taken', () => {
    manager.registerProvider(echo('one'))
    expect(() => manager.registerProvider(echo('one'))).toThrow(/already registered/)
    expect(manager.listProviders()).toHaveLength(1)
  })

  it.each(['', 'a/b', '-a', 'a b', 'a'.repeat(65), 'ä'])('refuses the name %j', (name) => {
    expect(() => manager.registerProvider(lab({ name }))).toThrow(/provider name/)
  })

  it.each([0, -1, Number.NaN])('refuses the rate limit %d', (rateLimit) => {
    expect(() => manager.registerProvider(lab({ rateLimit }))).toThrow(/rateLimit/)
  })

  it('says which types exist when one does not', () => {
    expect(() => manager.registerProvider(lab({ providerType: 'nope' }))).toThrow(
      /Unknown provider type "nope" of provider "lab". Known types: ollama, openai, /,
    )
  })

  it('builds types that the caller adds', async () => {
    manager.registerProviderType('echo', (config) => new EchoProvider(config))
    manager.registerProvider({ providerType: 'echo', name: 'bird' })
    await expect(manager.chat('hi')).resolves.toMatchObject({ content: 'parrot heard hi' })
  })

  it('lets an API caller point at nothing private', () => {
    expect(() => manager.registerProvider(lab(), { source: 'remote' })).toThrow(
      /leads to a private place/,
    )
    const config = lab({ baseUrl: 'https://api.example.com/v1', settings: { local: true } })
    expect(manager.registerProvider(config, { source: 'remote' }).locality).toBe('cloud')
  })
})

describe('cloud providers', () => {
  it('are off without a key, and say how to turn them on', async () => {
    manager.registerProvider({ providerType: 'openai', name: 'openai', defaultModel: 'm' })
    expect(manager.getProvider('openai').enabled).toBe(false)
    expect(await failureOf(manager.chat('hi'))).toMatchObject({
      kind: 'permission',
      code: 'provider_disabled',
      message: expect.stringMatching(/OPENAI_API_KEY.*enableCloudProvider\("openai", apiKey\)/),
    })
  })

  it('say that they are off before they ask for a model', async () => {
    manager.registerProvider({ providerType: 'openai', name: 'openai' })
    for (const work of [manager.chat('hi'), drain(manager.stream('hi'))]) {
      expect(await failureOf(work)).toMatchObject({ code: 'provider_disabled' })
    }
    const direct = manager.getProvider().chat([{ role: 'user', content: 'hi' }])
    expect(await failureOf(direct)).toMatchObject({ code: 'provider_disabled' })
  })

  it('cannot be rebuilt when they were registered as objects', async () => {
    const bird = echo('bird')
    manager.registerProvider(bird)
    expect(await failureOf(manager.enableProvider('bird', KEY))).toMatchObject({
      kind: 'conflict',
      code: 'provider_not_rebuildable',
    })
    expect(manager.getProvider('bird')).toBe(bird)
    expect(bird.closed).toBe(0)
  })

  it('are turned on with a key, keeping their place and their default', async () => {
    manager.registerProvider({ providerType: 'openai', name: 'work', enabled: false })
    manager.registerProvider(echo('bird'))
    await manager.enableProvider('work', KEY)
    expect(manager.listProviders().map((provider) => provider.name)).toEqual(['work', 'bird'])
    expect(manager.getProvider('work').enabled).toBe(true)
    expect(manager.defaultName).toBe('work')
  })

  it('are registered from the catalog when they are not there yet', async () => {
    await manager.enableProvider('groq', KEY)
    expect(manager.getProvider('groq')).toMatchObject({ enabled: true, locality: 'cloud' })
    expect(await failureOf(manager.enableProvider('nobody', KEY))).toMatchObject({
      kind: 'not_found',
      code: 'provider_not_found',
    })
  })

  it('never show their key in the status', async () => {
    manager.registerProvider({ providerType: 'anthropic', name: 'anthropic', apiKey: KEY })
    expect(JSON.stringify([manager.getStatus(), manager.getProvider().config])).not.toContain(KEY)
  })
})

describe('calls', () => {
  it('go to the provider named, else to the default', async () => {
    manager.registerProvider(echo('one'))
    manager.registerProvider(echo('two'))
    await expect(manager.chat('hi')).resolves.toMatchObject({ provider: 'one' })
    await expect(manager.chat('hi', { provider: 'two', model: 'owl' })).resolves.toMatchObject({
      provider: 'two',
      content: 'owl heard hi',
      tokensUsed: 5,
      latencyMs: 0,
    })
  })

  it('take messages as well as a text', async () => {
    manager.registerProvider(lab())
    upstream.reply(completion('ok'))
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ] as const
    await manager.chat(messages, { systemPrompt: 'be kind' })
    expect(upstream.requests[0]?.json).toMatchObject({
      messages: [{ role: 'system', content: 'be kind' }, ...messages],
    })
  })

  it('stream, and cancel the upstream when the reader leaves', async () => {
    manager.registerProvider(lab())
    upstream.reply(stream([contentChunk('one')], 'stall'))
    for await (const event of manager.stream('hi')) {
      if (event.type === 'part-start') break
    }
    await upstream.requests[0]?.closed
    expect(manager.getStatus().providers[0]?.stats).toMatchObject({ inFlight: 0, errors: 0 })
  })

  it('pass through the middleware, outermost first', async () => {
    const seen: string[] = []
    const mark =
      (name: string): Middleware =>
      (next) =>
      async (exchange) => {
        seen.push(`${name} ${exchange.target.provider}`)
        return next(exchange)
      }
    manager = new ProviderManager({ middleware: [mark('outer'), mark('inner')] })
    manager.registerProvider(echo('bird'))
    await manager.chat('hi')
    await drain(manager.stream('hi'))
    expect(seen).toEqual(['outer bird', 'inner bird', 'outer bird', 'inner bird'])
  })

  it('give middleware the manager, to look providers up when they are called', async () => {
    let found: string | undefined
    manager = new ProviderManager({
      middleware: (lookup) => [
        (next) => async (exchange) => {
          found = lookup.findProvider(exchange.target.provider)?.config.providerType
          return next(exchange)
        },
      ],
    })
    manager.registerProvider(echo('bird'))
    await manager.chat('hi')
    expect(found).toBe('echo')
  })
})

describe('asking all at once', () => {
  it('gives every list, and an empty one with its reason for a provider that cannot', async () => {
    upstream.answer(() => modelList(['a', 'b']))
    manager.registerProvider(lab())
    manager.registerProvider(named(FailingProvider, 'broken'))
    manager.registerProvider({ providerType: 'openai', name: 'off' })
    await expect(manager.listAllModels()).resolves.toEqual({
      lab: ['a', 'b'],
      broken: [],
      off: [],
    })
    const [, broken, off] = manager.getStatus().providers
    expect(broken?.listError).toMatch(/failed/)
    expect(off).toMatchObject({ enabled: false, disabledReason: expect.any(String) })
  })

  it('gives every health, and false with its reason for a provider that is broken', async () => {
    manager.registerProvider(echo('good'))
    manager.registerProvider(named(FailingProvider, 'broken'))
    manager.registerProvider(lab({ baseUrl: 'http://127.0.0.1:1/v1' }))
    await expect(manager.healthCheckAll()).resolves.toEqual({
      good: true,
      broken: false,
      lab: false,
    })
    const reasons = manager.getStatus().providers.map((provider) => provider.health?.reason)
    expect(reasons).toEqual([
      undefined,
      expect.any(String),
      expect.stringContaining('connection was refused'),
    ])
  })

  it('does not wait for one that hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    manager.registerProvider(echo('good'))
    manager.registerProvider(named(HangingProvider, 'stuck'))
    const all = Promise.all([manager.listAllModels(), manager.healthCheckAll()])
    await vi.advanceTimersByTimeAsync(10_000)
    await expect(all).resolves.toEqual([
      { good: ['parrot'], stuck: [] },
      { good: true, stuck: false },
    ])
    expect(manager.getStatus().providers[1]?.listError).toMatch(/No answer within 10 seconds/)
  })
})

describe('status and end', () => {
  it('tells of every provider, the default marked', async () => {
    manager.registerProvider(echo('one'))
    manager.registerProvider(lab())
    await manager.chat('hi')
    expect(manager.getStatus()).toMatchObject({
      defaultProvider: 'one',
      providers: [
        { name: 'one', type: 'echo', isDefault: true, enabled: true, stats: { requests: 1 } },
        { name: 'lab', type: 'custom', isDefault: false, defaultModel: 'tiny', locality: 'local' },
      ],
    })
  })

  it('closes every provider, even after one that fails to close', async () => {
    const one = echo('one')
    const bad = echo('bad')
    bad.close = () => Promise.reject(new Error('stuck'))
    manager.registerProvider(bad)
    manager.registerProvider(one)
    await manager.closeAll()
    expect(one.closed).toBe(1)
    expect(manager.listProviders()).toEqual([])
    expect(manager.getStatus()).toEqual({ providers: [] })
  })

  it('can be used again afterwards', async () => {
    manager.registerProvider(lab())
    await manager.closeAll()
    manager.registerProvider(lab())
    upstream.reply(completion('again'))
    await expect(manager.chat('hi')).resolves.toMatchObject({ content: 'again' })
  })
})
