// The simplest door: one message in, one answer out, models chosen by name.
import { compact } from '../canonical/compact.ts'
import type { ChatAnswer } from './chat-answer.ts'
import type { ChatMessage, ChatOptions } from './chat-message.ts'
import { catalog, catalogRow } from './catalog.ts'
import { withDeadline } from './deadline.ts'
import { ProviderManager, type ManagerStatus } from './manager.ts'
import { type ModelInfo, toModelInfo } from './model-info.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { BaseProvider } from './base-provider.ts'

export interface LLMProviderOptions {
  /** Default: a new, empty one. */
  readonly manager?: ProviderManager
}

export interface LLMChatOptions extends ChatOptions {
  /** A route, a bare name, `provider/model`, or a provider's name for its default model. Default: the selected model, else the provider's default. */
  readonly model?: string
  readonly provider?: string
  /** What was said before the message. */
  readonly history?: readonly ChatMessage[]
}

export interface CloudStatus {
  readonly registered: boolean
  readonly enabled: boolean
  /** How to enable it; absent when it is. */
  readonly reason?: string
  /** The environment variable that its key is usually in. */
  readonly keyVariable?: string
}

export interface LLMStatus extends ManagerStatus {
  readonly selectedModel?: string
  readonly models: number
  readonly cloud: Readonly<Record<string, CloudStatus>>
}

/** Patience with one provider in refreshModels. */
const REFRESH_TIMEOUT_MS = 10_000

interface Choice {
  readonly provider?: string
  readonly model?: string
}

export class LLMProvider {
  readonly manager: ProviderManager
  #cards = new Map<string, readonly ModelCard[]>()
  #selected: string | undefined

  constructor(options: LLMProviderOptions = {}) {
    this.manager = options.manager ?? new ProviderManager()
  }

  /** What is known without asking anybody: configured models and the last refresh. */
  listModels(): ModelInfo[] {
    return this.manager
      .listProviders()
      .flatMap((provider) => this.#cardsOf(provider).map((card) => toModelInfo(card, provider)))
  }

  /** Asks every enabled provider at once; one that fails keeps what was known of it. */
  async refreshModels(): Promise<ModelInfo[]> {
    const providers = this.manager.listProviders().filter((provider) => provider.enabled)
    const lists = await Promise.allSettled(
      providers.map(async (provider) =>
        withDeadline(REFRESH_TIMEOUT_MS, async (signal) => provider.describeModels(signal)),
      ),
    )
    for (const [at, list] of lists.entries()) {
      const provider = providers[at]
      if (provider !== undefined && list.status === 'fulfilled') {
        this.#cards.set(provider.name, list.value)
      }
    }
    return this.listModels()
  }

  /** Chooses the model of later chats; false, and no change, when no known model has this name (`provider/model` or bare), nor a route. */
  selectModel(name: string): boolean {
    if (this.manager.isRoute(name)) {
      this.#selected = name
      return true
    }
    const found = this.#find(name)
    if (found === undefined) return false
    this.#selected = found.id
    return true
  }

  get selectedModel(): string | undefined {
    return this.#selected
  }

  /** Every cloud provider, by name: those in the catalog and those registered. */
  getCloudStatus(): Record<string, CloudStatus> {
    const offered = catalog
      .filter((row) => row.locality === 'cloud')
      .map((row): [string, CloudStatus] => [
        row.type,
        compact({
          registered: false,
          enabled: false,
          reason: `Not enabled. Register it with an API key, or call enableCloudProvider("${row.type}", apiKey) from code.`,
          keyVariable: row.keyVariable,
        }),
      ])
    const registered = this.manager
      .listProviders()
      .filter((provider) => provider.locality === 'cloud')
      .map((provider): [string, CloudStatus] => [provider.name, cloudStatus(provider)])
    return Object.fromEntries([...offered, ...registered])
  }

  /** Gives a cloud provider its key and turns it on, registering it from the catalog when it is not there yet. */
  async enableCloudProvider(provider: string, apiKey: string): Promise<CloudStatus> {
    return cloudStatus(await this.manager.enableProvider(provider, apiKey))
  }

  async chat(message: string, options: LLMChatOptions = {}): Promise<ChatAnswer> {
    const { history = [], model, provider, ...rest } = options
    const messages: readonly ChatMessage[] = [...history, { role: 'user', content: message }]
    return this.manager.chat(messages, { ...rest, ...this.#choice(compact({ model, provider })) })
  }

  /** Whether the default provider could answer. */
  async healthCheck(): Promise<boolean> {
    const { defaultName } = this.manager
    if (defaultName === undefined) return false
    return (await this.manager.getProvider(defaultName).checkHealth()).healthy
  }

  getStatus(): LLMStatus {
    return compact({
      ...this.manager.getStatus(),
      selectedModel: this.#selected,
      models: this.listModels().length,
      cloud: this.getCloudStatus(),
    })
  }

  /** Closes every provider of its manager, and the connections. Never throws. */
  async close(): Promise<void> {
    await this.manager.closeAll()
  }

  #cardsOf(provider: BaseProvider): readonly ModelCard[] {
    const listed = this.#cards.get(provider.name) ?? []
    const names = new Set(listed.map((card) => card.id))
    const { models = [], defaultModel } = provider.config
    const configured = new Set(defaultModel === undefined ? models : [...models, defaultModel])
    return [...listed, ...[...configured].filter((id) => !names.has(id)).map((id) => ({ id }))]
  }

  #find(name: string): ModelInfo | undefined {
    const models = this.listModels()
    const bare = models.filter((model) => model.name === name)
    const { defaultName } = this.manager
    return (
      models.find((model) => model.id === name) ??
      bare.find((model) => model.provider === defaultName) ??
      bare[0]
    )
  }

  /** The provider and model a call means. */
  #choice(asked: Choice): Choice {
    if (asked.provider !== undefined) return asked
    const name = asked.model ?? this.#selected
    if (name === undefined) return {}
    if (this.manager.isRoute(name)) return { model: name }
    const found = this.#find(name)
    if (found !== undefined) return { provider: found.provider, model: found.name }
    if (this.manager.findProvider(name) !== undefined) return { provider: name }
    const slash = name.indexOf('/')
    const owner = slash > 0 ? this.manager.findProvider(name.slice(0, slash)) : undefined
    return owner === undefined
      ? { model: name }
      : { provider: owner.name, model: name.slice(slash + 1) }
  }
}

function cloudStatus(provider: BaseProvider): CloudStatus {
  const row = catalogRow(provider.config.providerType)
  return compact({
    registered: true,
    enabled: provider.enabled,
    reason: provider.disabledReason,
    keyVariable: row?.keyVariable,
  })
}
