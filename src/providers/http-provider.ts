// A provider behind HTTP: a dialect's codecs, a key, a base URL and the transport.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { Note } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { collect } from '../canonical/collect.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { DecodeContext, Profile } from '../dialects/dialect.ts'
import type { BytesReply, Exchange, Reply, StreamReply, WholeReply } from '../exchange/exchange.ts'
import type { TransportResponse } from '../transport/transport.ts'
import { CONTENT_TYPES } from '../wire/framing.ts'
import type { WireRequest, WireResponse } from '../wire/message.ts'
import type { Locality } from './base-provider.ts'
import type { CatalogRow } from './catalog-row.ts'
import { type Connection, connectionOf } from './connection.ts'
import { ExchangeProvider } from './exchange-provider.ts'
import type { HealthReport } from './health.ts'
import { ModelList } from './model-list.ts'
import { type Passage, passageOf } from './passage.ts'
import { PassedStream } from './passed-stream.ts'
import { peekedPieces } from './peek-passed.ts'
import { peeked } from './peek.ts'
import type { ProviderConfig, ProviderContext } from './provider-config.ts'
import { burstOf } from './reply.ts'
import { assertTranslatable } from './refused-translation.ts'
import { RestoredTools } from './restored-tools.ts'
import { isTold } from './upstream-error.ts'
import { type EventSource, UpstreamEvents } from './upstream-events.ts'
import { Upstream } from './upstream.ts'

/** Milliseconds for the free calls: lists and health checks. */
const LIST_MS = 10_000
const HEALTH_MS = 5000

/** An answer that has begun, and what it answers. */
interface Answered {
  readonly response: TransportResponse
  readonly context: DecodeContext
  readonly notes: readonly Note[]
}

/** A call on its way out: as the target can take it, and what that cost. */
interface PreparedCall {
  readonly request: ChatRequest
  readonly profile: Profile
  readonly notes: readonly Note[]
  readonly wire: WireRequest
  /** Undefined where the client's own text cannot pass. */
  readonly passage: Passage | undefined
}

export class HttpProvider extends ExchangeProvider {
  readonly row: CatalogRow
  readonly #connection: Connection
  readonly #upstream: Upstream
  readonly #models: ModelList

  /** Throws GatewayError invalid_request when the config cannot work. */
  constructor(config: ProviderConfig, row: CatalogRow, context: ProviderContext) {
    super(config, context.clock)
    this.row = row
    this.#connection = connectionOf(config, row, context.source)
    this.#upstream = new Upstream({
      name: this.name,
      row,
      connection: this.#connection,
      transport: context.transport,
      clock: this.clock,
    })
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
    const wanted = exchange.request.stream.enabled
    const { request, profile, notes, wire, passage } = this.#prepared(exchange)
    assertTranslatable(this.name, exchange.policy, notes)
    const { timeouts } = this.#connection
    const { signal } = exchange
    const call = compact({ wire, text: passage?.text, timeouts, signal })
    const answered = {
      response: await this.#upstream.send(call),
      context: { request, profile },
      notes,
    }
    const isStreamed = isStream(answered.response, request.stream.enabled)
    if (isStreamed !== wanted) return this.#reshaped(answered, wanted ? 'stream' : 'whole')
    if (passage === undefined) return isStreamed ? this.#stream(answered) : this.#whole(answered)
    return isStreamed ? this.#passedStream(answered, passage) : this.#passedWhole(answered, passage)
  }

  /** Everything about a call that is known before it is made; pure. */
  #prepared(exchange: Exchange): PreparedCall {
    const { dialect, wholeByStream } = this.row
    const { model } = exchange.target
    const profile = this.profile(model)
    const { stream } = exchange.request
    const enabled = stream.enabled || wholeByStream === true
    const asked = { ...exchange.request, model, stream: { ...stream, enabled } }
    const { value: request, notes } = dialect.lower(asked, profile)
    const wire = dialect.request.encode(request, profile)
    const passes = this.config.settings?.passThrough !== false
    const passage = passes ? passageOf(exchange.source, dialect, wire) : undefined
    return { request, profile, notes, wire, passage }
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

  async #stream({ response, context, notes }: Answered): Promise<StreamReply> {
    const restored = new RestoredTools(context.request, this.name)
    const events = new UpstreamEvents({ ...this.#eventSource(response, context), restored })
    return { kind: 'stream', events: await peeked(events), notes }
  }

  async #whole({ response, context, notes }: Answered): Promise<WholeReply> {
    const { wire } = await this.#upstream.message(response)
    try {
      const decoded = this.row.dialect.response.decode(wire, context)
      const restored = new RestoredTools(context.request, this.name).response(decoded)
      return { kind: 'whole', response: restored, notes }
    } catch (thrown) {
      throw this.#upstream.failed(thrown)
    }
  }

  /** Some hosts answer a stream with a whole, and some must be asked for a stream to get a whole. */
  async #reshaped(answered: Answered, shape: 'whole' | 'stream'): Promise<Reply> {
    if (shape === 'stream') {
      const { response, notes } = await this.#whole(answered)
      return { kind: 'stream', events: burstOf(response), notes }
    }
    const { events, notes } = await this.#stream(answered)
    return { kind: 'whole', response: await collected(events, answered.context), notes }
  }

  async #passedStream(answered: Answered, passage: Passage): Promise<BytesReply> {
    const { response, context, notes } = answered
    const { lane, unasked } = passage
    const stream = new PassedStream({ ...this.#eventSource(response, context), unasked })
    const contentType = passedType(response, CONTENT_TYPES[this.row.dialect.framing])
    return { kind: 'bytes', lane, contentType, pieces: await peekedPieces(stream), notes }
  }

  async #passedWhole(answered: Answered, { lane }: Passage): Promise<WholeReply> {
    const { notes } = answered
    const { wire, text } = await this.#upstream.message(answered.response)
    const response = this.#heard(wire, answered.context)
    if (response.error !== undefined) return { kind: 'whole', response, notes }
    const contentType = passedType(answered.response, 'application/json')
    return { kind: 'whole', response, notes, passed: { lane, contentType, text } }
  }

  /** What an answer says that passes in any case: nothing is known of one that our decoder cannot read. */
  #heard(wire: WireResponse, context: DecodeContext): ChatResponse {
    try {
      return this.row.dialect.response.decode(wire, context)
    } catch (thrown) {
      if (thrown instanceof GatewayError && isTold(thrown)) throw this.#upstream.failed(thrown)
      const { origin, model } = context.request
      return { origin, model, candidates: [] }
    }
  }

  #eventSource(response: TransportResponse, context: DecodeContext): Omit<EventSource, 'restored'> {
    const { status, headers } = response
    return {
      response,
      dialect: this.row.dialect,
      context,
      failed: (thrown) => this.#upstream.failed(thrown),
      told: (error) => this.#upstream.told(error, { status, headers }),
    }
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

/** Types that a browser would show stay behind: the bytes come from elsewhere and would speak in our name. */
function passedType({ headers }: TransportResponse, usual: string): string {
  const type = headers['content-type'] ?? ''
  return /^(?:text\/event-stream|application\/(?:x-)?(?:ndjson|jsonl|json))\s*(?:;|$)/i.test(type)
    ? type
    : usual
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
