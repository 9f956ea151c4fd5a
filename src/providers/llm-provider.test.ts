// The facade: one message in, one answer out, models by name.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { EchoProvider, echo } from '../../test/echo-provider.ts'
import { LLMProvider } from './llm-provider.ts'
import { ProviderManager } from './manager.ts'

class OwlProvider extends EchoProvider {
  override async listModels(): Promise<string[]> {
    return ['owl', 'parrot']
  }
}

class BrokenProvider extends EchoProvider {
  override async listModels(): Promise<string[]> {
    throw new Error('broken')
  }

  override async healthCheck(): Promise<boolean> {
    return false
  }
}

let llm = new LLMProvider()

afterEach(async () => {
  await llm.manager.closeAll()
})

async function aviary(): Promise<LLMProvider> {
  const manager = new ProviderManager()
  manager.registerProvider(echo('bird'))
  manager.registerProvider(new OwlProvider({ providerType: 'echo', name: 'night' }))
  llm = new LLMProvider({ manager })
  await llm.refreshModels()
  return llm
}

describe('models', () => {
  it('are known from the config before anybody has been asked', () => {
    llm = new LLMProvider()
    llm.manager.registerProvider(
      new EchoProvider({
        providerType: 'echo',
        name: 'bird',
        models: ['a'],
        defaultModel: 'b',
        settings: { local: true },
      }),
    )
    expect(llm.listModels()).toMatchObject([
      { id: 'bird/a', name: 'a', provider: 'bird', locality: 'local', price: 'free' },
      { id: 'bird/b', name: 'b' },
    ])
  })

  it('are known from all providers after a refresh, a broken one passed over', async () => {
    await aviary()
    llm.manager.registerProvider(new BrokenProvider({ providerType: 'echo', name: 'broken' }))
    const models = await llm.refreshModels()
    expect(models.map((model) => model.id)).toEqual(['bird/parrot', 'night/owl', 'night/parrot'])
    expect(models[0]?.description).toBe('parrot on bird')
  })

  it('are known after a refresh that one provider lets hang', async () => {
    await aviary()
    const stuck = echo('stuck')
    stuck.listModels = () => new Promise(() => {})
    llm.manager.registerProvider(stuck)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const models = llm.refreshModels()
    await vi.advanceTimersByTimeAsync(10_000)
    vi.useRealTimers()
    await expect(models).resolves.toHaveLength(3)
  })

  it('are selected by bare name or with their provider, and not when unknown', async () => {
    await aviary()
    expect(llm.selectModel('owl')).toBe(true)
    expect(llm.selectedModel).toBe('night/owl')
    expect(llm.selectModel('nothing')).toBe(false)
    expect(llm.selectedModel).toBe('night/owl')
    expect(llm.selectModel('night/parrot')).toBe(true)
  })

  it('mean the default provider where several have the name', async () => {
    await aviary()
    expect(llm.selectModel('parrot')).toBe(true)
    expect(llm.selectedModel).toBe('bird/parrot')
    llm.manager.setDefault('night')
    llm.selectModel('parrot')
    expect(llm.selectedModel).toBe('night/parrot')
  })
})

describe('chat', () => {
  it.each([
    [{}, 'bird', 'parrot heard hi'],
    [{ model: 'owl' }, 'night', 'owl heard hi'],
    [{ model: 'night/parrot' }, 'night', 'parrot heard hi'],
    [{ model: 'night/unlisted' }, 'night', 'unlisted heard hi'],
    [{ model: 'night' }, 'night', 'owl heard hi'],
    [{ model: 'unknown' }, 'bird', 'unknown heard hi'],
    [{ provider: 'night' }, 'night', 'owl heard hi'],
    [{ provider: 'night', model: 'a/b' }, 'night', 'a/b heard hi'],
  ])('with %j asks %s', async (options, provider, content) => {
    await aviary()
    await expect(llm.chat('hi', options)).resolves.toMatchObject({ provider, content })
  })

  it('asks the selected model when none is named', async () => {
    await aviary()
    llm.selectModel('owl')
    await expect(llm.chat('hi')).resolves.toMatchObject({ content: 'owl heard hi' })
  })

  it('puts the system prompt and the history before the message', async () => {
    llm = new LLMProvider()
    const bird = echo('bird')
    llm.manager.registerProvider(bird)
    const history = [{ role: 'user', content: 'before' }] as const
    await llm.chat('now', { systemPrompt: 'be kind', history })
    expect(bird.asked[0]?.map((message) => message.content)).toEqual(['be kind', 'before', 'now'])
  })

  it('says what to do when nothing is registered', async () => {
    llm = new LLMProvider()
    expect(await failureOf(llm.chat('hi'))).toMatchObject({ code: 'provider_not_found' })
  })
})

describe('cloud providers', () => {
  it('are offered, with the variable of their key, before they are registered', () => {
    llm = new LLMProvider()
    const { openai, anthropic, ollama } = llm.getCloudStatus()
    expect(openai).toEqual({
      registered: false,
      enabled: false,
      reason:
        'Not enabled. Register it with an API key, or call enableCloudProvider("openai", apiKey) from code.',
      keyVariable: 'OPENAI_API_KEY',
    })
    expect(anthropic?.enabled).toBe(false)
    expect(ollama).toBeUndefined()
  })

  it('are enabled by their name and a key', async () => {
    llm = new LLMProvider()
    await expect(llm.enableCloudProvider('openai', 'sk-canary-0123456789')).resolves.toEqual({
      registered: true,
      enabled: true,
      keyVariable: 'OPENAI_API_KEY',
    })
    expect(llm.getCloudStatus()['openai']?.enabled).toBe(true)
    expect(JSON.stringify(llm.getStatus())).not.toContain('canary')
  })

  it('are refused by a name that nobody knows', async () => {
    llm = new LLMProvider()
    const failure = await failureOf(llm.enableCloudProvider('nobody', 'k'))
    expect(failure).toMatchObject({ kind: 'not_found' })
  })
})

describe('status and health', () => {
  it('tells of the default provider, the selection and the models', async () => {
    await aviary()
    llm.selectModel('owl')
    expect(llm.getStatus()).toMatchObject({
      defaultProvider: 'bird',
      selectedModel: 'night/owl',
      models: 3,
    })
  })

  it('is as healthy as the default provider', async () => {
    await aviary()
    await expect(llm.healthCheck()).resolves.toBe(true)
    llm.manager.registerProvider(new BrokenProvider({ providerType: 'echo', name: 'broken' }))
    llm.manager.setDefault('broken')
    await expect(llm.healthCheck()).resolves.toBe(false)
    await expect(new LLMProvider().healthCheck()).resolves.toBe(false)
  })
})

describe('close', () => {
  it('closes the providers, once however often it is asked for', async () => {
    const facade = await aviary()
    const bird = echo('finch')
    facade.manager.registerProvider(bird)
    await facade.close()
    await facade.close()
    expect(bird.closed).toBe(1)
    expect(facade.manager.listProviders()).toEqual([])
  })
})
