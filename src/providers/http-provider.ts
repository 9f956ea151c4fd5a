// A provider behind HTTP: the codecs of its protocols, a key, a base URL and the transport.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { Json } from '../canonical/json.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type {
  ChatExchange,
  ChatReply,
  CountExchange,
  CountReply,
  EmbedExchange,
  EmbedReply,
  Exchange,
} from '../exchange/exchange.ts'
import type { Transport } from '../transport/transport.ts'
import { amendmentOf, isSameCall } from './amended-call.ts'
import type { Locality, ProviderConcurrency } from './base-provider.ts'
import type { CallPlan } from './call-plan.ts'
import { callTable } from './call-table.ts'
import type { CatalogRow, Protocol } from './catalog-row.ts'
import { type Connection, connectionOf } from './connection.ts'
import { Credentials } from './credentials.ts'
import { ExchangeProvider } from './exchange-provider.ts'
import { fetchedMedia } from './fetched-media.ts'
import type { HealthReport, KeyStanding } from './health.ts'
import { type FilledChoice, type MediaFilling, filledChoice } from './media-filling.ts'
import { sample } from './media-addresses.ts'
import { listedModels } from './listed-models.ts'
import { ModelList } from './model-list.ts'
import { ModelProfiles } from './model-profiles.ts'
import { type PreparedCall, prepareCall } from './prepared-call.ts'
import {
  type Asking,
  type ProtocolChoice,
  chooseProtocol,
  compareProtocols,
  orderedProtocols,
} from './protocol-choice.ts'
import type { ProviderConfig, ProviderContext } from './provider-config.ts'
import { assertTranslatable, refusedTranslation } from './refused-translation.ts'
import { countingProtocols, protocolUrl, spokenProtocols } from './spoken-protocols.ts'
import { unspoken } from './unspoken.ts'
import { type UpstreamPlace, countAt, embedAt } from './upstream-calls.ts'
import { replyOf } from './upstream-reply.ts'
import { Upstream } from './upstream.ts'

/** Milliseconds for the free calls: lists and health checks. */
const LIST_MS = 10_000
const HEALTH_MS = 5000

/** Fetched for one request, when the config names no other limit. */
const MEDIA_BYTES = 20 * 1024 * 1024

interface FreeCall {
  /** The label of the key. Default: the first. */
  readonly credential?: string | undefined
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly ms: number
}

export class HttpProvider extends ExchangeProvider {
  readonly row: CatalogRow
  /** What it is asked in, best first. */
  readonly protocols: readonly Protocol[]
  readonly #transport: Transport
  readonly #connection: Connection
  readonly #keys: Credentials
  /** By the main protocol. */
  readonly #upstream: Upstream
  /** In which of its protocols it counts tokens. */
  readonly #counting: readonly Protocol[]
  readonly #upstreams: ReadonlyMap<Protocol, Upstream>
  readonly #models: ModelList
  readonly #profiles: ModelProfiles

  /** Throws GatewayError invalid_request when the config cannot work. */
  constructor(config: ProviderConfig, row: CatalogRow, context: ProviderContext) {
    super(config, context.clock)
    this.row = row
    const connection = connectionOf(config, row, context)
    this.#connection = connection
    const keys = new Credentials(config)
    this.#keys = keys
    this.#transport = context.transport
    this.protocols = spokenProtocols(config, row, connection.baseUrl)
    const upstreamOf = (protocol: Protocol): Upstream =>
      new Upstream({
        name: this.name,
        dialect: protocol.dialect,
        auth: config.settings?.auth ?? protocol.auth ?? row.auth,
        baseUrl: protocolUrl(row, protocol, connection.baseUrl),
        assertCall: callTable(protocol.dialect, row),
        connection,
        keys,
        transport: context.transport,
        clock: this.clock,
        heard: (headers) => this.tracker.heard(headers, this.clock()),
      })
    this.#upstream = upstreamOf(row)
    this.#counting = countingProtocols(row, connection.baseUrl, this.protocols)
    this.#upstreams = new Map(
      [...this.protocols, ...this.#counting].map((one) => [
        one,
        one === row ? this.#upstream : upstreamOf(one),
      ]),
    )
    const { passThrough, flags = {} } = config.settings ?? {}
    const wholeByStream = row.wholeByStream === true
    this.#profiles = new ModelProfiles({ name: this.name, wholeByStream, passThrough, flags })
    this.#models = new ModelList({
      configured: [...(config.models ?? [])],
      clock: context.clock,
      list: (signal) => this.#listed({ ms: LIST_MS }, signal),
    })
  }

  override get locality(): Locality {
    return this.#connection.locality
  }

  override get disabledReason(): string | undefined {
    const { keyRequired, keyVariable, title } = this.row
    if (super.disabledReason !== undefined) return super.disabledReason
    if (keyRequired !== true || this.#keys.key() !== undefined) return undefined
    const where = keyVariable === undefined ? '' : `set ${keyVariable} in the environment, `
    return `Provider "${this.name}" has no API key for ${title}: ${where}give one in its config, or call enableCloudProvider("${this.name}", apiKey) from code.`
  }

  override get credentials(): Credentials {
    return this.#keys
  }

  override get concurrency(): ProviderConcurrency | undefined {
    return this.locality === 'local' ? this.row.concurrency : undefined
  }

  override async assertReachable(): Promise<void> {
    const { baseUrl: url, reach } = this.#connection
    await this.#transport.vet?.({ url, reach: reach() })
  }

  override get vendorUrl(): string {
    return this.#connection.baseUrl.href
  }

  override async describeModels(signal?: AbortSignal): Promise<readonly ModelCard[]> {
    return this.#models.cards(signal)
  }

  override get rememberedModels(): readonly ModelCard[] {
    return this.#models.remembered
  }

  override async resolveModel(model?: string, signal?: AbortSignal): Promise<string> {
    const known = model ?? this.config.defaultModel ?? this.config.models?.[0]
    if (known !== undefined || this.locality === 'local') return super.resolveModel(known, signal)
    throw new GatewayError(
      'invalid_request',
      `No model is given, and provider "${this.name}" has no default. Name a model, or set "defaultModel" in its config.`,
      { code: 'model_required', param: 'model' },
    )
  }

  /** Asks for the model list, which is free: a key that is missing or refused, or a host that does not answer, is unhealthy. */
  override async checkHealth(signal?: AbortSignal): Promise<HealthReport> {
    return this.#checked(undefined, signal)
  }

  override async checkCredential(label: string, signal?: AbortSignal): Promise<HealthReport> {
    this.#keys.assertKnown(label)
    return this.#checked(label, signal)
  }

  override async probe(signal?: AbortSignal): Promise<HealthReport> {
    const { alivePath: path } = this.row
    if (path === undefined) return this.checkHealth(signal)
    return this.#reported(async () => {
      await this.#fetched({ path, ms: HEALTH_MS }, signal)
      return 'unknown'
    })
  }

  async #checked(credential?: string, signal?: AbortSignal): Promise<HealthReport> {
    return this.#reported(async () => {
      this.#models.remember(await this.#listed({ ms: HEALTH_MS, credential }, signal))
      return 'ok'
    })
  }

  /** What the outcome of a free call says of the host, and of the key where there is one. */
  async #reported(ask: () => Promise<KeyStanding>): Promise<HealthReport> {
    const checkedAtMs = this.clock()
    const hasKey = this.#keys.set !== undefined
    const report = (standing: KeyStanding, reason?: string): HealthReport => {
      const latencyMs = this.clock() - checkedAtMs
      const key = hasKey ? standing : undefined
      return compact({ healthy: reason === undefined, reason, latencyMs, checkedAtMs, key })
    }
    if (this.disabledReason !== undefined) return report('unknown', this.disabledReason)
    try {
      return report(await ask())
    } catch (thrown) {
      const error = toGatewayError(thrown)
      // A host without a model list has answered all the same.
      if (error.kind === 'not_found') return report('unknown')
      const standing = error.kind === 'auth' ? 'invalid' : 'unknown'
      return report(standing, shownReason(this.name, error))
    }
  }

  /** Prepares the call in every protocol that it could go out in, so that the choice can be seen. Fetches nothing. */
  override async plan(exchange: ChatExchange): Promise<CallPlan> {
    this.assertEnabled()
    const fetches: string[] = []
    const samples: MediaFilling['obtain'] = async (addresses) => {
      fetches.push(...addresses.map(({ url }) => url))
      return new Map(addresses.map((address, at) => [address.url, sample(address, at)]))
    }
    const { choice, notes } = await filledChoice(exchange, {
      choose: (asked) => this.compared(asked),
      obtain: this.#fetching(exchange.signal) === undefined ? undefined : samples,
      name: this.name,
    })
    const { chosen, reason, considered } = choice
    const { wire, passage, protocol, request } = chosen
    const upstream = this.#upstreams.get(protocol) ?? this.#upstream
    return compact({
      lane: passage?.lane ?? ('translate' as const),
      notes,
      request,
      call: upstream.shown(compact({ wire, text: passage?.text })),
      askedIn: { dialect: protocol.dialect.id, reason },
      others: considered
        .filter((call) => call !== chosen)
        .map((call) => ({ dialect: call.protocol.dialect.id, notes: call.notes })),
      fetches: fetches.length === 0 ? undefined : fetches,
    })
  }

  /** In which protocol an exchange would go out and why, with every other protocol that it could have gone out in. Asks nobody. */
  compared(exchange: ChatExchange): ProtocolChoice {
    return compareProtocols(...this.#candidates(exchange))
  }

  protected override async answer(exchange: ChatExchange): Promise<ChatReply> {
    const filled = this.#ready(exchange)
    const ready = filled instanceof Promise ? await filled : filled
    assertTranslatable(this.name, exchange.policy, ready.notes)
    try {
      return await this.#asked(exchange, ready)
    } catch (thrown) {
      const amended = await this.#amended(exchange, ready.choice.chosen, thrown)
      if (amended === undefined) throw thrown
      return this.#asked(exchange, amended)
    }
  }

  #ready(exchange: ChatExchange): FilledChoice | Promise<FilledChoice> {
    return filledChoice(exchange, {
      choose: (asked) => chooseProtocol(...this.#candidates(asked)),
      obtain: this.#fetching(exchange.signal),
      name: this.name,
    })
  }

  /** The call as the refusal would have it; undefined where it says nothing of use, or the policy allows no such loss. */
  async #amended(
    exchange: ChatExchange,
    refused: PreparedCall,
    thrown: unknown,
  ): Promise<FilledChoice | undefined> {
    const amendment = amendmentOf(thrown, exchange, refused)
    if (amendment === undefined) return undefined
    const { flags, request = exchange.request, notes: told } = amendment
    if (flags !== undefined) this.#profiles.learn(refused.protocol, exchange.target.model, flags)
    const { choice, notes } = await this.#ready({ ...exchange, request })
    const all = [...told, ...notes]
    if (isSameCall(choice.chosen, refused)) return undefined
    if (refusedTranslation(this.name, exchange.policy, all) !== undefined) return undefined
    return { choice, notes: all }
  }

  async #asked(exchange: ChatExchange, { choice, notes }: FilledChoice): Promise<ChatReply> {
    const { chosen, reason } = choice
    const { wire, passage, protocol } = chosen
    const upstream = this.#upstreams.get(protocol) ?? this.#upstream
    const { whole, stream, contentMs } = this.#connection.patience
    const timeouts = chosen.request.stream.enabled ? stream : whole
    const { signal, target } = exchange
    const { credential } = target
    const text = passage?.text
    const answer = await upstream.send({ wire, text, timeouts, signal, credential })
    const told = { notes, askedIn: { dialect: protocol.dialect.id, reason } }
    const wanted = exchange.request.stream.enabled ? 'stream' : 'whole'
    const reply = await replyOf({ upstream, call: chosen, answer, contentMs, told }, wanted)
    return reply
  }

  #fetching(signal: AbortSignal): MediaFilling['obtain'] {
    const { fetchMedia, fetchMediaMaxBytes: maxBytes = MEDIA_BYTES } = this.config.settings ?? {}
    if (fetchMedia !== true) return undefined
    return (addresses) => fetchedMedia(addresses, { transport: this.#transport, maxBytes, signal })
  }

  #candidates(
    exchange: ChatExchange,
  ): [protocols: readonly Protocol[], prepare: (protocol: Protocol) => PreparedCall] {
    return [
      orderedProtocols(this.protocols, askingOf(exchange)),
      (protocol) => prepareCall(exchange, protocol, this.#profiles),
    ]
  }

  protected override async answerEmbed(exchange: EmbedExchange): Promise<EmbedReply> {
    const having = this.protocols.filter(({ dialect }) => dialect.embeddings !== undefined)
    const [protocol] = orderedProtocols(having, askingOf(exchange))
    const codec = protocol?.dialect.embeddings
    if (protocol === undefined || codec === undefined || this.row.embeddings === false) {
      throw unspoken(this.name, 'embeddings')
    }
    return embedAt(this.#place(protocol, exchange), codec, exchange)
  }

  override countsTokens(_model: string): boolean {
    return this.#counting.length > 0
  }

  protected override async answerCount(exchange: CountExchange): Promise<CountReply> {
    const [protocol] = orderedProtocols(this.#counting, askingOf(exchange))
    const codec = protocol?.dialect.tokenCount
    if (protocol === undefined || codec === undefined) return super.answerCount(exchange)
    return countAt(this.#place(protocol, exchange), codec, exchange)
  }

  override continues(exchange: ChatExchange): boolean {
    const { protocol, profile } = chooseProtocol(...this.#candidates(exchange)).chosen
    return protocol.dialect.continues?.(profile) === true
  }

  #place(protocol: Protocol, { target }: Exchange): UpstreamPlace {
    return {
      protocol,
      profile: this.#profiles.of(protocol, target.model).profile,
      upstream: this.#upstreams.get(protocol) ?? this.#upstream,
      timeouts: this.#connection.patience.whole,
    }
  }

  /** Asks for the list, which is free; a host that has none has nothing to tell. */
  override async runningModels(signal?: AbortSignal): Promise<readonly ModelCard[]> {
    const { running } = this.row.dialect.models
    if (running === undefined) return []
    return running.decode(await this.#fetched({ path: running.path, ms: LIST_MS }, signal))
  }

  /** With that key, or with the first one that the host takes. */
  async #listed(
    { ms, credential }: Pick<FreeCall, 'ms' | 'credential'>,
    signal?: AbortSignal,
  ): Promise<readonly ModelCard[]> {
    const { models } = this.row.dialect
    const path = this.row.listPath ?? models.listPath
    const [label, ...others] = credential === undefined ? this.#keys.labels : [credential]
    const list = async (one: string | undefined): Promise<readonly ModelCard[]> => {
      const more = { path, ms, credential: one }
      try {
        return await listedModels(models, (query) => this.#fetched({ ...more, query }, signal))
      } catch (thrown) {
        throw this.#upstream.failed(thrown)
      }
    }
    let listed = list(label)
    for (const other of others) {
      listed = listed.catch(async (thrown: unknown) => {
        if (toGatewayError(thrown).kind !== 'auth') throw thrown
        return list(other)
      })
    }
    return listed
  }

  /** One of the free calls. */
  async #fetched({ path, query, ms, credential }: FreeCall, signal?: AbortSignal): Promise<Json> {
    const { connectMs } = this.#connection.patience.whole
    const response = await this.#upstream.send({
      wire: compact({ method: 'GET', path, query, headers: {} }),
      credential,
      timeouts: { connectMs: Math.min(connectMs, ms), firstByteMs: ms, idleMs: ms, totalMs: ms },
      signal: signal ?? new AbortController().signal,
    })
    return (await this.#upstream.message(response)).wire.body
  }
}

/** What is asked, as far as the choice of a protocol goes. */
function askingOf({ source, target, request }: Exchange): Asking {
  return { model: target.model, dialect: source?.dialect ?? request.origin.dialect }
}

/** What a provider says of a key may quote a part of it. */
function shownReason(name: string, { origin, kind, code, message }: GatewayError): string {
  if (origin !== 'upstream' || !['auth', 'permission', 'quota'].includes(kind)) return message
  return `Provider "${name}" refused the key (${code ?? kind}).`
}
