// A provider behind HTTP: a dialect's codecs, a key, a base URL and the transport.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import { refusedNotes } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { collect } from '../canonical/collect.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { DecodeContext, Profile } from '../dialects/dialect.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import { readBody } from '../transport/read-body.ts'
import type { Timeouts, TransportResponse } from '../transport/transport.ts'
import { upstreamUrl } from '../transport/upstream-url.ts'
import { WireError } from '../wire/errors.ts'
import { tryParseJson } from '../wire/json.ts'
import type { WireRequest, WireResponse } from '../wire/message.ts'
import type { Locality } from './base-provider.ts'
import type { CatalogRow } from './catalog-row.ts'
import { type Connection, authHeader, connectionOf } from './connection.ts'
import { ExchangeProvider } from './exchange-provider.ts'
import type { HealthReport } from './health.ts'
import { ModelList } from './model-list.ts'
import { peeked } from './peek.ts'
import type { ProviderConfig, ProviderContext } from './provider-config.ts'
import { burstOf } from './reply.ts'
import { RestoredTools } from './restored-tools.ts'
import { type Blame, answeredError, failedCall, tellsOfError } from './upstream-error.ts'
import { UpstreamEvents } from './upstream-events.ts'

/** Of an answer that is read whole. */
const MAX_BODY_BYTES = 64 * 1024 * 1024
/** Milliseconds for the free calls: lists and health checks. */
const LIST_MS = 10_000
const HEALTH_MS = 5000

interface Call {
  readonly wire: WireRequest
  readonly timeouts: Timeouts
  readonly signal: AbortSignal
}

export class HttpProvider extends ExchangeProvider {
  readonly row: CatalogRow
  readonly #context: ProviderContext
  readonly #connection: Connection
  readonly #models: ModelList

  /** Throws GatewayError invalid_request when the config cannot work. */
  constructor(config: ProviderConfig, row: CatalogRow, context: ProviderContext) {
    super(config, context.clock)
    this.row = row
    this.#context = context
    this.#connection = connectionOf(config, row, context.source)
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
    const where = keyVariable === undefined ? '' : `, set ${keyVariable} in the environment`
    return `Provider "${this.name}" has no API key for ${title}. Call enableCloudProvider("${this.name}", apiKey)${where}, or give "apiKey" in its config.`
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

  protected override async answer(exchange: Exchange): Promise<Reply> {
    const { dialect } = this.row
    const profile = this.profile(exchange.target.model)
    const wanted = exchange.request.stream.enabled
    const streamed = wanted || this.row.wholeByStream === true
    const asked = {
      ...exchange.request,
      model: exchange.target.model,
      stream: { ...exchange.request.stream, enabled: streamed },
    }
    const { value: request, notes } = dialect.lower(asked, profile)
    const refused = refusedNotes(exchange.policy, notes)[0]
    if (refused !== undefined) {
      throw new GatewayError(
        'unsupported',
        `Provider "${this.name}" cannot be asked this: ${refused.feature} at ${refused.path} would be ${refused.action} (${refused.reason}). Change the request, or use a more lenient policy.`,
        { code: 'translation_refused', param: refused.path, origin: 'client' },
      )
    }
    const wire = dialect.request.encode(request, profile)
    const { timeouts } = this.#connection
    const response = await this.#send({ wire, timeouts, signal: exchange.signal })
    const context = { request, profile }
    if (isStream(response, streamed)) {
      const events = await peeked(this.#events(response, context))
      if (wanted) return { kind: 'stream', events, notes }
      return { kind: 'whole', response: await collected(events, context), notes }
    }
    const whole = await this.#whole(response, context)
    return wanted
      ? { kind: 'stream', events: burstOf(whole), notes }
      : { kind: 'whole', response: whole, notes }
  }

  /** What the dialect is told of the target: the flags of the row, of the model's families, and of the config, in that order. */
  protected profile(model: string): Profile {
    const { families = [], flags } = this.row
    const matching = families.filter(({ pattern }) => pattern.test(model))
    return {
      provider: this.name,
      model,
      flags: Object.assign(
        {},
        flags,
        ...matching.map((family) => family.flags),
        this.config.settings?.flags,
      ),
    }
  }

  #events(response: TransportResponse, context: DecodeContext): UpstreamEvents {
    const wire = { status: response.status, headers: response.headers }
    return new UpstreamEvents({
      response,
      dialect: this.row.dialect,
      context,
      restored: new RestoredTools(context.request),
      failed: (thrown) => failedCall(thrown, this.#blame()),
      told: (error) => answeredError(error, wire, { ...this.#blame(), nowMs: this.clock() }),
    })
  }

  async #whole(response: TransportResponse, context: DecodeContext): Promise<ChatResponse> {
    const wire = await this.#message(response)
    try {
      if (wire.body === undefined) throw new WireError('not_json', 'it is not JSON')
      const decoded = this.row.dialect.response.decode(wire, context)
      return new RestoredTools(context.request).response(decoded)
    } catch (thrown) {
      throw failedCall(thrown, this.#blame())
    }
  }

  async #listed(ms: number, signal?: AbortSignal): Promise<readonly ModelCard[]> {
    const { models } = this.row.dialect
    const { connectMs } = this.#connection.timeouts
    const response = await this.#send({
      wire: { method: 'GET', path: this.row.listPath ?? models.listPath, headers: {} },
      timeouts: { connectMs: Math.min(connectMs, ms), firstByteMs: ms, idleMs: ms, totalMs: ms },
      signal: signal ?? new AbortController().signal,
    })
    const { body } = await this.#message(response)
    try {
      if (body === undefined) throw new WireError('not_json', 'it is not JSON')
      return models.decodeList(body)
    } catch (thrown) {
      throw failedCall(thrown, this.#blame())
    }
  }

  /** The answer's head; anything but success is thrown. */
  async #send(call: Call): Promise<TransportResponse> {
    const { wire, timeouts, signal } = call
    const { baseUrl, reach, apiKey, headers } = this.#connection
    const sent = await this.#context.transport
      .send({
        method: wire.method,
        url: upstreamUrl(baseUrl, wire.path, wire.query),
        headers: {
          accept: 'application/json, text/event-stream',
          'user-agent': 'patchbay',
          ...(wire.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...wire.headers,
          ...headers,
          ...(apiKey === undefined ? {} : authHeader(apiKey, this.row.auth)),
        },
        ...(wire.body === undefined ? {} : { body: JSON.stringify(wire.body) }),
        reach,
        timeouts,
        signal,
      })
      .catch((thrown: unknown) => {
        throw failedCall(thrown, this.#blame())
      })
    if (sent.status < 200 || sent.status > 299) throw this.#refusal(await this.#read(sent))
    return sent
  }

  /** A whole body; one that tells of a failure under a success status is thrown. */
  async #message(response: TransportResponse): Promise<WireResponse> {
    const wire = await this.#read(response)
    if (tellsOfError(wire.body)) throw this.#refusal(wire)
    return wire
  }

  #refusal(wire: WireResponse): GatewayError {
    // A success status would decide the kind wrongly where the body does not.
    const shown = wire.status < 300 ? { ...wire, status: 502 } : wire
    const decoded = this.row.dialect.error.decode(shown)
    return answeredError(decoded, wire, { ...this.#blame(), nowMs: this.clock() })
  }

  async #read(response: TransportResponse): Promise<WireResponse> {
    const { status, headers } = response
    try {
      const text = await readBody(response.body, MAX_BODY_BYTES)
      const body = tryParseJson(text)
      return compact({ status, headers, body, text: body === undefined ? text : undefined })
    } catch (thrown) {
      throw failedCall(thrown, this.#blame())
    }
  }

  #blame(): Blame {
    const { apiKey, headers } = this.#connection
    const secrets = [...(apiKey === undefined ? [] : [apiKey.reveal()]), ...Object.values(headers)]
    return { provider: this.name, secrets }
  }
}

/** By what the answer says it is, which is not always what was asked for. */
function isStream(response: TransportResponse, wanted: boolean): boolean {
  const [type = ''] = (response.headers['content-type'] ?? '').split(';')
  switch (type.trim().toLowerCase()) {
    case 'text/event-stream':
    case 'application/x-ndjson':
      return true
    case 'application/json':
    case 'text/html':
      return false
    default:
      return wanted
  }
}

async function collected(
  events: AsyncIterable<ChatEvent>,
  context: { readonly request: ChatRequest },
): Promise<ChatResponse> {
  const seen: ChatEvent[] = []
  for await (const event of events) {
    if (event.type === 'error') throw event.error
    seen.push(event)
  }
  const { origin, model } = context.request
  return collect({ origin, model }, seen)
}
