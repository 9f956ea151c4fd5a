// What every provider is. A plugin extends it with chat, listModels and healthCheck; the rest follows from those.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type {
  ChatExchange,
  ChatReply,
  CountExchange,
  CountReply,
  EmbedExchange,
  EmbedReply,
  Exchange,
  Reply,
} from '../exchange/exchange.ts'
import type { ProbeStyle } from '../exchange/probe-style.ts'
import { singly } from '../exchange/singly.ts'
import { toSecret } from '../vault/secret.ts'
import { type CallPlan, asJsonObject } from './call-plan.ts'
import { type ChatAnswer, fromChatAnswer } from './chat-answer.ts'
import { type ChatMessage, type ChatOptions, fromChatRequest } from './chat-message.ts'
import type { Credentials } from './credentials.ts'
import { type EmbedOptions, type MinimalEmbedAnswer, fromEmbedAnswer } from './embed-answer.ts'
import type { HealthReport } from './health.ts'
import { plainInputs } from './plain-inputs.ts'
import { assertTranslatable } from './refused-translation.ts'
import { peeked } from './peek.ts'
import type { ProviderConfig } from './provider-config.ts'
import { tracked } from './tracked.ts'
import { Tracker } from './tracker.ts'
import { unsaid } from './unsaid.ts'
import { unspoken } from './unspoken.ts'

/** `local` is free and on this machine, so that callers without a key may use it; `cloud` costs money or needs a key. */
export type Locality = 'local' | 'cloud'

/** What a provider knows of how many calls it takes at once. */
export interface ProviderConcurrency {
  /** To begin with. */
  readonly initial: number
  readonly max: number
  /** Milliseconds for which a call may wait for its turn. */
  readonly queueMs: number
}

export abstract class BaseProvider {
  readonly config: ProviderConfig
  readonly tracker: Tracker = new Tracker()
  /** Milliseconds; a manager's providers share its clock. */
  readonly clock: () => number

  constructor(config: ProviderConfig, clock: () => number = Date.now) {
    this.config = compact({ ...config, apiKey: toSecret(config.apiKey) })
    this.clock = clock
  }

  get name(): string {
    return this.config.name
  }

  get locality(): Locality {
    return this.config.settings?.local === true ? 'local' : 'cloud'
  }

  /** Its keys by label; undefined for who has none that could be changed. */
  get credentials(): Credentials | undefined {
    return undefined
  }

  /** Whether it takes the credential, found out by a call that costs nothing. */
  async checkCredential(_label: string, signal?: AbortSignal): Promise<HealthReport> {
    return this.checkHealth(signal)
  }

  /** How it may be asked, at no cost, whether it is there. */
  get probeStyle(): ProbeStyle {
    return this.locality === 'local' ? 'at-intervals' : 'when-idle'
  }

  /** Asks it that, in the way that costs it least. */
  async probe(signal?: AbortSignal): Promise<HealthReport> {
    return this.checkHealth(signal)
  }

  /** Throws GatewayError where it is known that its address may not be reached. Opens no connection. */
  async assertReachable(): Promise<void> {}

  /** Where its vendor serves the models, which is how price lists know vendors; undefined for who is on none. */
  get vendorUrl(): string | undefined {
    return undefined
  }

  /** How many calls it takes at once, where it says so: more would only wait there. */
  get concurrency(): ProviderConcurrency | undefined {
    return undefined
  }

  /** Why it takes no calls, with what to do about it; undefined when it does. */
  get disabledReason(): string | undefined {
    if (this.config.unusable !== undefined) return this.config.unusable
    return this.config.enabled === false
      ? `Provider "${this.name}" is disabled. Set "enabled: true" in its config, or call enableProvider("${this.name}") from code.`
      : undefined
  }

  get enabled(): boolean {
    return this.disabledReason === undefined
  }

  /** Throws GatewayError permission, with what to do about it, when it takes no calls. */
  assertEnabled(): void {
    const reason = this.disabledReason
    if (reason === undefined) return
    throw new GatewayError('permission', reason, { code: 'provider_disabled' })
  }

  abstract chat(
    messages: readonly ChatMessage[],
    model?: string,
    options?: ChatOptions,
  ): Promise<ChatAnswer>

  /** The bare names of its models. */
  abstract listModels(): Promise<string[]>

  /** Whether it could answer now; never a paid call. */
  abstract healthCheck(): Promise<boolean>

  /** The model of a call that names none: the default, else the first one. */
  async resolveModel(model?: string, _signal?: AbortSignal): Promise<string> {
    const known = model ?? this.config.defaultModel ?? this.config.models?.[0]
    if (known !== undefined) return known
    const first = (await this.listModels())[0]
    if (first !== undefined) return first
    throw new GatewayError(
      'not_found',
      `Provider "${this.name}" has no models. Install one, or set "defaultModel" in its config.`,
      { code: 'model_not_found', param: 'model' },
    )
  }

  /** Falls back on chat: the whole answer as one burst of events. */
  async *stream(
    messages: readonly ChatMessage[],
    model?: string,
    options?: ChatOptions,
  ): AsyncIterable<ChatEvent> {
    const answer = await this.chat(messages, model, options)
    yield* explode(fromChatAnswer(answer, model ?? ''))
  }

  /** Turns texts into vectors, in their order. Refuses unless the provider has a way of its own. */
  async embed(
    _inputs: readonly string[],
    _model?: string,
    _options?: EmbedOptions,
  ): Promise<MinimalEmbedAnswer> {
    throw unspoken(this.name, 'embeddings')
  }

  /** Whether it counts the tokens of a request to that model by itself; who asks one that does not gets an error. */
  countsTokens(_model: string): boolean {
    return false
  }

  /** Whether it goes on with an answer that was begun for it, as this exchange has it. */
  continues(_exchange: ChatExchange): boolean {
    return false
  }

  /** Names of the models that it holds in memory now, where that can be known. Loads nothing. */
  async runningModels(_signal?: AbortSignal): Promise<readonly ModelCard[]> {
    return []
  }

  /** Releases what it holds; idempotent. */
  async close(): Promise<void> {}

  /** What manager and server call: refuses when disabled, counts, and answers by `answer`. */
  async handle(exchange: Exchange): Promise<Reply> {
    this.assertEnabled()
    const reply = await tracked(this, exchange, (inner) => this.#answered(inner))
    return reply
  }

  #answered(exchange: Exchange): Promise<Reply> {
    switch (exchange.operation) {
      case 'chat':
        return this.answer(exchange)
      case 'embed':
        return this.answerEmbed(exchange)
      case 'count-tokens':
        return this.answerCount(exchange)
    }
  }

  /** What a call would be, without making it: nobody outside is asked. Throws what the call would throw before it goes out, but for losses. */
  async plan(exchange: ChatExchange): Promise<CallPlan> {
    this.assertEnabled()
    const { request, target } = exchange
    const given = asJsonObject({ ...fromChatRequest(request), model: target.model })
    return {
      lane: 'translate',
      notes: unsaid(request),
      request: { ...request, model: target.model },
      call: { kind: 'inner', given },
    }
  }

  /** Answers one chat; providers that speak the canonical model override this one. */
  protected async answer(exchange: ChatExchange): Promise<ChatReply> {
    const { request, target, signal, policy } = exchange
    const notes = unsaid(request)
    assertTranslatable(this.name, policy, notes)
    const { messages, options } = fromChatRequest(request)
    const asked = { ...options, policy, signal }
    if (request.stream.enabled) {
      const events = await peeked(singly(this.stream(messages, target.model, asked)))
      return { kind: 'stream', events, notes }
    }
    const answer = await this.chat(messages, target.model, asked)
    const response = fromChatAnswer(answer, target.model)
    return { kind: 'whole', response, notes: [...notes, ...(answer.notes ?? [])] }
  }

  /** Whether `knownModels` has all of them, so that nobody outside needs to be asked for a list. */
  get listsFreely(): boolean {
    return false
  }

  /** The models that are known without asking anybody outside; undefined where only a list would tell. */
  async knownModels(): Promise<readonly ModelCard[] | undefined> {
    return this.config.models?.map((id) => ({ id }))
  }

  /** What its list has said of its models, as far as it was asked for; asks nobody. */
  get rememberedModels(): readonly ModelCard[] {
    return []
  }

  /** The same for embeddings. */
  protected async answerEmbed(exchange: EmbedExchange): Promise<EmbedReply> {
    const { request, target, signal, policy } = exchange
    const { texts, options, notes } = plainInputs(request)
    assertTranslatable(this.name, policy, notes)
    const answer = await this.embed(texts, target.model, { ...options, policy, signal })
    const response = { origin: request.origin, ...fromEmbedAnswer(answer, target.model) }
    return { kind: 'vectors', response, notes }
  }

  /** Asked only where `countsTokens` says so. */
  protected async answerCount(_exchange: CountExchange): Promise<CountReply> {
    throw unspoken(this.name, 'way to count tokens')
  }

  /** The models with all that is known of them. */
  async describeModels(_signal?: AbortSignal): Promise<readonly ModelCard[]> {
    const names = await this.listModels()
    return names.map((id) => ({ id }))
  }

  /** As healthCheck, with the reason; never throws. */
  async checkHealth(_signal?: AbortSignal): Promise<HealthReport> {
    const startedAt = this.clock()
    const report = (healthy: boolean, reason?: string): HealthReport =>
      compact({ healthy, reason, latencyMs: this.clock() - startedAt, checkedAtMs: startedAt })
    if (this.disabledReason !== undefined) return report(false, this.disabledReason)
    try {
      return (await this.healthCheck())
        ? report(true)
        : report(false, `Provider "${this.name}" says that it is not healthy.`)
    } catch (error) {
      return report(false, toGatewayError(error).message)
    }
  }
}
