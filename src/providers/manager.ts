// Many providers behind one door: registers them, knows the default, routes calls by name.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Policy } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { TokenCount } from '../canonical/token-count.ts'
import {
  type ChatExchange,
  type Handler,
  type Middleware,
  type Reply,
  compose,
} from '../exchange/exchange.ts'
import type { CacheAsk } from '../exchange/answer-cache.ts'
import { chatReply, countReply, embedReply } from '../exchange/expected.ts'
import { Trail } from '../exchange/trail.ts'
import { createTransport } from '../transport/http-transport.ts'
import type { EgressRules } from '../transport/egress.ts'
import type { Transport } from '../transport/transport.ts'
import type { BaseProvider } from './base-provider.ts'
import { type ChatAnswer, toChatAnswer } from './chat-answer.ts'
import { checkedHealth } from './checked-health.ts'
import { type ChatMessage, type ChatOptions, toChatRequest } from './chat-message.ts'
import { withDeadline } from './deadline.ts'
import {
  type EmbedAnswer,
  type EmbedOptions,
  toEmbedAnswer,
  toEmbedRequest,
} from './embed-answer.ts'
import type { HealthReport } from './health.ts'
import type { OnProgress } from './local/progress.ts'
import type { StartWorker } from './local/worker-process.ts'
import { assertName, assertRateLimit } from './registrable.ts'
import { type ProviderEntry, type WantedProvider, replacedProviders } from './replaced-providers.ts'
import type { ConfigSource, ProviderConfig, ProviderTimeouts } from './provider-config.ts'
import { type Probed, type ProviderStatus, statusOf } from './provider-status.ts'
import { type ProviderFactory, builtinTypes } from './provider-types.ts'
import { eventsOf, wholeResponse } from './reply.ts'

export interface ManagerOptions {
  /** What every call passes through, outermost first; a function gets the manager, to look providers up at call time. */
  readonly middleware?:
    | readonly Middleware[]
    | ((manager: ProviderManager) => readonly Middleware[])
  /** Milliseconds. Default Date.now. */
  readonly clock?: () => number
  /** Default: random UUIDs. */
  readonly newId?: () => string
  /** Where local providers keep what they fetch. */
  readonly dataDir?: string
  /** Hears of their fetches while a call waits for them. */
  readonly onProgress?: OnProgress
  /** Starts the process of the embedded model. Absent: each provider has one of its own. */
  readonly startModel?: StartWorker
  /** Default: pooled HTTP of its own, closed by closeAll. */
  readonly transport?: Transport
  /** Where providers of API callers may be, as the operator has it now. Default: at public addresses only. */
  readonly egress?: () => EgressRules
  /** Seconds for the phases of a call, where a provider's config does not say. */
  readonly timeouts?: ProviderTimeouts
}

export interface ManagerChatOptions extends ChatOptions {
  /** Default: the manager's default provider. */
  readonly provider?: string
  /** A model of the provider; or, where no provider is named, a route. */
  readonly model?: string
  /** Whether an answer that was given before may be used. Default: what the route says, else not. */
  readonly cache?: CacheAsk
}

export interface ManagerEmbedOptions extends EmbedOptions {
  readonly provider?: string
  readonly model?: string
}

export interface RegisterOptions {
  /** Default `operator`. What comes in through an API is `remote` and may not point at private addresses. */
  readonly source?: ConfigSource
}

export interface ManagerStatus {
  readonly defaultProvider?: string
  readonly providers: readonly ProviderStatus[]
}

/** What a call names; what it leaves out has a default. */
export interface AskedTarget {
  readonly provider: string | undefined
  readonly model: string | undefined
}

interface Entry extends ProviderEntry, Probed {}

/** Patience with one provider in listAllModels and healthCheckAll. */
const PROBE_TIMEOUT_MS = 10_000

export class ProviderManager {
  readonly #options: ManagerOptions
  /** Milliseconds. */
  readonly clock: () => number
  readonly #newId: () => string
  readonly #types: Map<string, ProviderFactory>
  #entries = new Map<string, Entry>()
  /** Those whose place was taken, for calls that had chosen them by then. */
  readonly #retired = new Map<string, BaseProvider>()
  readonly #middleware: readonly Middleware[]
  #handler: Handler
  #transport: Transport | undefined
  #default: string | undefined
  /** Answers an exchange: the middleware, then the provider that `target.provider` names. */
  readonly handle: Handler

  constructor(options: ManagerOptions = {}) {
    this.#options = options
    this.clock = options.clock ?? Date.now
    this.#newId = options.newId ?? ((): string => crypto.randomUUID())
    this.#types = new Map(builtinTypes)
    const { middleware = [] } = options
    this.#middleware = typeof middleware === 'function' ? middleware(this) : middleware
    this.#handler = this.#handlerOver(this.#entries)
    this.handle = (exchange): Promise<Reply> => this.#handler(exchange)
  }

  /** A call keeps to the end the providers that it began with, whatever takes their place meanwhile. */
  #handlerOver(entries: ReadonlyMap<string, Entry>): Handler {
    return compose(this.#middleware, (exchange): Promise<Reply> => {
      const { provider: name } = exchange.target
      const provider = entries.get(name)?.provider ?? this.#retired.get(name)
      return (provider ?? this.getProvider(name)).handle(exchange)
    })
  }

  /** Adds a type that configs can name, or replaces one. */
  registerProviderType(type: string, factory: ProviderFactory): void {
    this.#types.set(type, factory)
  }

  get providerTypes(): readonly string[] {
    return [...this.#types.keys()]
  }

  /** Builds a provider without adding it. Asks nobody. Throws GatewayError invalid_request. */
  draftProvider(config: ProviderConfig, options: RegisterOptions = {}): BaseProvider {
    return this.#built(config, options.source ?? 'operator')
  }

  /** Adds a provider; the first one becomes the default. Throws GatewayError: invalid_request, conflict, unsupported. */
  registerProvider(
    configOrProvider: ProviderConfig | BaseProvider,
    options: RegisterOptions = {},
  ): BaseProvider {
    const source = options.source ?? 'operator'
    const provider = isProvider(configOrProvider)
      ? configOrProvider
      : this.#built(configOrProvider, source)
    const { name } = provider
    assertName(name)
    assertRateLimit(provider.config)
    if (this.#entries.has(name)) {
      throw new GatewayError(
        'conflict',
        `A provider named "${name}" is already registered. Unregister it first or choose another name.`,
        { code: 'provider_exists', param: 'name' },
      )
    }
    const given = isProvider(configOrProvider) ? {} : { given: configOrProvider }
    this.#entries.set(name, { provider, source, ...given })
    this.#default ??= name
    return provider
  }

  /**
   * Makes ready another set of configured providers for the one before; the others stay. Throws what registerProvider throws, with
   * nothing changed. The commit takes effect for calls to come; what it gives closes those whose place was taken, for when the calls
   * before have ended.
   */
  replaceProviders(
    wanted: readonly WantedProvider[],
    forget: ReadonlySet<string>,
  ): { readonly names: readonly string[]; readonly commit: () => () => Promise<void> } {
    const build = ({ config, source }: WantedProvider): Entry => {
      assertRateLimit(config)
      return { provider: this.#built(config, source), source, given: config }
    }
    const before = this.#entries
    const { entries, retired } = replacedProviders({ before, forget, wanted, build })
    const commit = (): (() => Promise<void>) => {
      this.#entries = new Map(entries)
      this.#handler = this.#handlerOver(this.#entries)
      if (this.#default === undefined || !entries.has(this.#default)) {
        this.#default = entries.keys().next().value
      }
      for (const provider of retired) this.#retired.set(provider.name, provider)
      return () => this.#closeRetired(retired)
    }
    return { names: [...entries.keys()], commit }
  }

  async #closeRetired(retired: readonly BaseProvider[]): Promise<void> {
    for (const provider of retired) {
      if (this.#retired.get(provider.name) === provider) this.#retired.delete(provider.name)
    }
    await Promise.allSettled(retired.map((provider) => provider.close()))
  }

  /** Closes and forgets a provider. When it was the default, the longest registered of the others becomes it. */
  async unregisterProvider(name: string): Promise<void> {
    const { provider } = this.#entry(name)
    this.#entries.delete(name)
    if (this.#default === name) this.#default = this.#entries.keys().next().value
    await provider.close()
  }

  /** The named provider, or the default. Throws GatewayError not_found with the names that exist. */
  getProvider(name?: string): BaseProvider {
    return this.#entry(name).provider
  }

  findProvider(name: string): BaseProvider | undefined {
    return this.#entries.get(name)?.provider
  }

  /** From the next call on. */
  setDefault(name: string): void {
    this.#default = this.#entry(name).provider.name
  }

  get defaultName(): string | undefined {
    return this.#default
  }

  /** Whether a model name stands for targets of several providers. */
  isRoute(_name: string): boolean {
    return false
  }

  /** In order of registration. */
  listProviders(): readonly BaseProvider[] {
    return [...this.#entries.values()].map((entry) => entry.provider)
  }

  /** Turns a provider on, with a key if it needs one; a name that is only a type of the catalog is registered. */
  async enableProvider(name: string, apiKey?: string): Promise<BaseProvider> {
    const entry = this.#entries.get(name)
    const key = apiKey === undefined ? {} : { apiKey }
    if (entry === undefined) {
      if (!this.#types.has(name)) this.#entry(name)
      return this.registerProvider({ providerType: name, name, ...key })
    }
    const before = entry.provider
    if (!this.#types.has(before.config.providerType)) {
      throw new GatewayError(
        'conflict',
        `Provider "${name}" was registered as an object, so it cannot be built again. Register a new one with "enabled: true" in its config.`,
        { code: 'provider_not_rebuildable', param: 'name' },
      )
    }
    const config = { ...withKeys(before, apiKey), enabled: true }
    const provider = this.#built(config, entry.source)
    this.#entries.set(name, { provider, source: entry.source, given: config })
    await before.close()
    return provider
  }

  /** Asks one provider through the pipeline. A string is one user message. */
  async chat(
    messages: string | readonly ChatMessage[],
    options: ManagerChatOptions = {},
  ): Promise<ChatAnswer> {
    const startedAt = this.clock()
    const exchange = await this.#exchange(messages, { options, stream: { enabled: false } })
    const reply = chatReply(await this.handle(exchange))
    const response = await wholeResponse(reply, exchange)
    const { notes, target = exchange.target } = reply
    const cost = reply.kind === 'whole' ? reply.cost : undefined
    const latencyMs = this.clock() - startedAt
    const attempts = exchange.trail?.attempts.length || undefined
    const { provider } = target
    const cached = reply.cached?.state === 'hit' ? true : undefined
    return toChatAnswer(response, { provider, latencyMs, notes, cost, attempts, cached })
  }

  /** As chat, in events. Early failures throw at the first step; leaving the loop cancels the upstream. */
  async *stream(
    messages: string | readonly ChatMessage[],
    options: ManagerChatOptions = {},
  ): AsyncIterable<ChatEvent> {
    const stream = { enabled: true, includeUsage: true }
    const exchange = await this.#exchange(messages, { options, stream })
    yield* eventsOf(chatReply(await this.handle(exchange)))
  }

  /** Turns texts into vectors, in their order, through the pipeline. */
  async embed(
    inputs: string | readonly string[],
    options: ManagerEmbedOptions = {},
  ): Promise<EmbedAnswer> {
    const startedAt = this.clock()
    const { provider: name, model: asked, ...more } = options
    const envelope = await this.#envelope(name, asked, more)
    const request = toEmbedRequest(inputs, envelope.target.model, more)
    const reply = embedReply(await this.handle({ operation: 'embed', request, ...envelope }))
    const { notes, target = envelope.target } = reply
    const { provider } = target
    const latencyMs = this.clock() - startedAt
    const attempts = envelope.trail?.attempts.length || undefined
    return toEmbedAnswer(reply.response, compact({ provider, latencyMs, notes, attempts }))
  }

  /** How many tokens a chat would read, by the provider's own count or, where it has none, by a guess. Generates nothing. */
  async countTokens(
    messages: string | readonly ChatMessage[],
    options: ManagerChatOptions = {},
  ): Promise<TokenCount> {
    const chat = await this.#exchange(messages, { options, stream: { enabled: false } })
    return countReply(await this.handle({ ...chat, operation: 'count-tokens' })).count
  }

  /** Bare model names by provider; a provider that cannot list has an empty list, and its reason in getStatus. */
  async listAllModels(): Promise<Record<string, string[]>> {
    const lists = await Promise.all(
      [...this.#entries].map(async ([name, entry]) => [name, await this.#models(entry)] as const),
    )
    return Object.fromEntries(lists)
  }

  /** All at once; one that fails or hangs is false, with its reason in getStatus. */
  async healthCheckAll(): Promise<Record<string, boolean>> {
    const reports = await Promise.all(
      [...this.#entries].map(
        async ([name, entry]) => [name, (await this.#health(entry)).healthy] as const,
      ),
    )
    return Object.fromEntries(reports)
  }

  /** One of them, as healthCheckAll. */
  async checkHealth(name: string): Promise<HealthReport> {
    return this.#health(this.#entry(name))
  }

  getStatus(): ManagerStatus {
    const providers = [...this.#entries.values()].map((entry) =>
      statusOf(entry, { isDefault: entry.provider.name === this.#default }),
    )
    return compact({ defaultProvider: this.#default, providers })
  }

  /** Closes every provider and the connections; the manager is empty afterwards. Never throws. */
  async closeAll(): Promise<void> {
    const providers = [...this.listProviders(), ...this.#retired.values()]
    const transport = this.#transport
    this.#entries.clear()
    this.#retired.clear()
    this.#default = undefined
    this.#transport = undefined
    await Promise.allSettled(providers.map((provider) => provider.close()))
    await transport?.close()
  }

  #entry(name: string | undefined): Entry {
    const wanted = name ?? this.#default
    const entry = wanted === undefined ? undefined : this.#entries.get(wanted)
    if (entry !== undefined) return entry
    const known = [...this.#entries.keys()].join(', ')
    const message =
      known === ''
        ? 'No provider is registered. Register one with registerProvider, or add it under "providers" in the config.'
        : `Unknown provider "${wanted}". Known providers: ${known}.`
    throw new GatewayError('not_found', message, { code: 'provider_not_found', param: 'provider' })
  }

  #built(config: ProviderConfig, source: ConfigSource): BaseProvider {
    assertName(config.name)
    const factory = this.#types.get(config.providerType)
    if (factory === undefined) {
      const known = this.providerTypes.join(', ')
      throw new GatewayError(
        'invalid_request',
        `Unknown provider type "${config.providerType}" of provider "${config.name}". Known types: ${known}.`,
        { code: 'unknown_provider_type', param: 'providerType' },
      )
    }
    return factory(
      config,
      compact({
        transport: this.#connections(),
        clock: this.clock,
        newId: this.#newId,
        source,
        egress: this.#options.egress,
        dataDir: this.#options.dataDir,
        timeouts: this.#options.timeouts,
        onProgress: this.#options.onProgress,
        startModel: this.#options.startModel,
      }),
    )
  }

  #connections(): Transport {
    if (this.#options.transport !== undefined) return this.#options.transport
    this.#transport ??= createTransport()
    return this.#transport
  }

  async #exchange(
    messages: string | readonly ChatMessage[],
    ask: { readonly options: ManagerChatOptions; readonly stream: ChatRequest['stream'] },
  ): Promise<ChatExchange> {
    const { provider: name, model: asked, cache, ...options } = ask.options
    const envelope = await this.#envelope(name, asked, options)
    const list: readonly ChatMessage[] =
      typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages
    const request = toChatRequest(list, envelope.target.model, options)
    const whole = { ...request, stream: ask.stream }
    return { operation: 'chat', request: whole, ...envelope, ...compact({ cache }) }
  }

  /** What every exchange has, whatever is asked. */
  async #envelope(
    name: string | undefined,
    asked: string | undefined,
    options: { readonly policy?: Policy; readonly signal?: AbortSignal },
  ): Promise<Omit<ChatExchange, 'operation' | 'request'>> {
    const signal = options.signal ?? new AbortController().signal
    const targets = await this.targetsOf({ provider: name, model: asked }, signal)
    const { policy = 'default' } = options
    return { id: this.#newId(), ...targets, policy, trail: new Trail(), signal }
  }

  /** Whom a call means that names these. */
  protected async targetsOf(
    { provider: name, model }: AskedTarget,
    signal: AbortSignal,
  ): Promise<Pick<ChatExchange, 'target' | 'choice'>> {
    const provider = this.getProvider(name)
    provider.assertEnabled()
    return {
      target: { provider: provider.name, model: await provider.resolveModel(model, signal) },
    }
  }

  async #models(entry: Entry): Promise<string[]> {
    const { provider } = entry
    delete entry.listError
    try {
      if (provider.disabledReason !== undefined) return []
      return await withDeadline(PROBE_TIMEOUT_MS, async () => provider.listModels())
    } catch (thrown) {
      entry.listError = toGatewayError(thrown).message
      return []
    }
  }

  async #health(entry: Entry): Promise<HealthReport> {
    const options = { ms: PROBE_TIMEOUT_MS, clock: this.clock, before: entry.health }
    return (entry.health = await checkedHealth(entry.provider, options))
  }
}

/** A config with the keys that its provider has by now; one that is given takes the place of the first. */
function withKeys(
  { config, credentials }: BaseProvider,
  given: string | undefined,
): ProviderConfig {
  const { apiKey, apiKeys: _, ...rest } = config
  if (credentials === undefined) return compact({ ...config, apiKey: given ?? apiKey })
  const [first, ...others] = credentials.configured
  if (given === undefined) return { ...rest, apiKeys: credentials.configured }
  return { ...rest, apiKeys: [{ ...first, key: given }, ...others] }
}

// By shape, so that a plugin that loaded a copy of this package of its own is known too.
function isProvider(value: ProviderConfig | BaseProvider): value is BaseProvider {
  return 'handle' in value && typeof value.handle === 'function'
}
