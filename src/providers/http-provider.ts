// A provider behind HTTP: the codecs of its protocols, a key, a base URL and the transport.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import type { Locality } from './base-provider.ts'
import type { CallPlan } from './call-plan.ts'
import type { CatalogRow, Protocol } from './catalog-row.ts'
import { type Connection, connectionOf } from './connection.ts'
import { ExchangeProvider } from './exchange-provider.ts'
import type { HealthReport } from './health.ts'
import { ModelList } from './model-list.ts'
import { type PreparedCall, prepareCall } from './prepared-call.ts'
import {
  type ProtocolChoice,
  chooseProtocol,
  compareProtocols,
  orderedProtocols,
} from './protocol-choice.ts'
import type { ProviderConfig, ProviderContext } from './provider-config.ts'
import { assertTranslatable } from './refused-translation.ts'
import { protocolUrl, spokenProtocols } from './spoken-protocols.ts'
import { replyOf } from './upstream-reply.ts'
import { Upstream } from './upstream.ts'

/** Milliseconds for the free calls: lists and health checks. */
const LIST_MS = 10_000
const HEALTH_MS = 5000

export class HttpProvider extends ExchangeProvider {
  readonly row: CatalogRow
  /** What it is asked in, best first. */
  readonly protocols: readonly Protocol[]
  readonly #connection: Connection
  /** By the main protocol. */
  readonly #upstream: Upstream
  readonly #upstreams: ReadonlyMap<Protocol, Upstream>
  readonly #models: ModelList

  /** Throws GatewayError invalid_request when the config cannot work. */
  constructor(config: ProviderConfig, row: CatalogRow, context: ProviderContext) {
    super(config, context.clock)
    this.row = row
    const connection = connectionOf(config, row, context.source)
    this.#connection = connection
    this.protocols = spokenProtocols(config, row, connection.baseUrl)
    const upstreamOf = (protocol: Protocol): Upstream =>
      new Upstream({
        name: this.name,
        dialect: protocol.dialect,
        auth: config.settings?.auth ?? protocol.auth ?? row.auth,
        baseUrl: protocolUrl(row, protocol, connection.baseUrl),
        connection,
        transport: context.transport,
        clock: this.clock,
        heard: (headers) => this.tracker.heard(headers, this.clock()),
      })
    this.#upstream = upstreamOf(row)
    this.#upstreams = new Map(
      this.protocols.map((one) => [one, one === row ? this.#upstream : upstreamOf(one)]),
    )
    this.#models = new ModelList({
      configured: [...(config.models ?? [])],
      clock: context.clock,
      list: (signal) => this.#listed(LIST_MS, signal),
    })
  }

  override get locality(): Locality {
    return this.#connection.locality
  }

  override get disabledReason(): string | undefined {
    const { keyRequired, keyVariable, title } = this.row
    if (super.disabledReason !== undefined) return super.disabledReason
    if (keyRequired !== true || this.#connection.apiKey !== undefined) return undefined
    const where = keyVariable === undefined ? '' : `set ${keyVariable} in the environment, `
    return `Provider "${this.name}" has no API key for ${title}: ${where}give one in its config, or call enableCloudProvider("${this.name}", apiKey) from code.`
  }

  override get vendorUrl(): string {
    return this.row.baseUrl ?? this.#connection.baseUrl.href
  }

  override async describeModels(signal?: AbortSignal): Promise<readonly ModelCard[]> {
    return this.#models.cards(signal)
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
    const checkedAtMs = this.clock()
    const report = (reason?: string): HealthReport => {
      const latencyMs = this.clock() - checkedAtMs
      return compact({ healthy: reason === undefined, reason, latencyMs, checkedAtMs })
    }
    if (this.disabledReason !== undefined) return report(this.disabledReason)
    try {
      await this.#listed(HEALTH_MS, signal)
      return report()
    } catch (thrown) {
      const error = toGatewayError(thrown)
      // A host without a model list has answered all the same.
      return error.kind === 'not_found' ? report() : report(error.message)
    }
  }

  /** Prepares the call in every protocol that it could go out in, so that the choice can be seen. */
  override async plan(exchange: Exchange): Promise<CallPlan> {
    this.assertEnabled()
    const { chosen, reason, considered } = this.compared(exchange)
    const { wire, passage, protocol, request, notes } = chosen
    const upstream = this.#upstreams.get(protocol) ?? this.#upstream
    return {
      lane: passage?.lane ?? 'translate',
      notes,
      request,
      call: upstream.shown(compact({ wire, text: passage?.text })),
      askedIn: { dialect: protocol.dialect.id, reason },
      others: considered
        .filter((call) => call !== chosen)
        .map((call) => ({ dialect: call.protocol.dialect.id, notes: call.notes })),
    }
  }

  /** In which protocol an exchange would go out and why, with every other protocol that it could have gone out in. Asks nobody. */
  compared(exchange: Exchange): ProtocolChoice {
    return compareProtocols(...this.#candidates(exchange))
  }

  protected override async answer(exchange: Exchange): Promise<Reply> {
    const { chosen, reason } = chooseProtocol(...this.#candidates(exchange))
    assertTranslatable(this.name, exchange.policy, chosen.notes)
    const { wire, passage, protocol } = chosen
    const upstream = this.#upstreams.get(protocol) ?? this.#upstream
    const { timeouts } = this.#connection
    const { signal } = exchange
    const response = await upstream.send(compact({ wire, text: passage?.text, timeouts, signal }))
    const wanted = exchange.request.stream.enabled ? 'stream' : 'whole'
    const reply = await replyOf({ upstream, call: chosen, response }, wanted)
    return { ...reply, askedIn: { dialect: protocol.dialect.id, reason } }
  }

  #candidates(
    exchange: Exchange,
  ): [protocols: readonly Protocol[], prepare: (protocol: Protocol) => PreparedCall] {
    const { source, target, request } = exchange
    const preparing = {
      name: this.name,
      wholeByStream: this.row.wholeByStream === true,
      flags: this.config.settings?.flags ?? {},
    }
    const dialect = source?.dialect ?? request.origin.dialect
    return [
      orderedProtocols(this.protocols, { model: target.model, dialect }),
      (protocol) => prepareCall(exchange, protocol, preparing),
    ]
  }

  async #listed(ms: number, signal?: AbortSignal): Promise<readonly ModelCard[]> {
    const { models } = this.row.dialect
    const { connectMs } = this.#connection.timeouts
    const response = await this.#upstream.send({
      wire: { method: 'GET', path: this.row.listPath ?? models.listPath, headers: {} },
      timeouts: { connectMs: Math.min(connectMs, ms), firstByteMs: ms, idleMs: ms, totalMs: ms },
      signal: signal ?? new AbortController().signal,
    })
    const { wire } = await this.#upstream.message(response)
    try {
      return models.decodeList(wire.body)
    } catch (thrown) {
      throw this.#upstream.failed(thrown)
    }
  }
}
