// The embedded model as a provider: free, on this machine, in a process of its own.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { ModelCard } from '../../canonical/model-card.ts'
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type {
  ChatExchange,
  ChatReply,
  CountExchange,
  CountReply,
  EmbedExchange,
  EmbedReply,
} from '../../exchange/exchange.ts'
import type { ProbeStyle } from '../../exchange/probe-style.ts'
import { singly } from '../../exchange/singly.ts'
import type { Locality } from '../base-provider.ts'
import { type CallPlan, asJsonObject } from '../call-plan.ts'
import { fromEmbedAnswer } from '../embed-answer.ts'
import { ExchangeProvider } from '../exchange-provider.ts'
import type { HealthReport } from '../health.ts'
import { peeked } from '../peek.ts'
import { plainInputs } from '../plain-inputs.ts'
import type { ProviderConfig } from '../provider-config.ts'
import { wholeResponse } from '../reply.ts'
import { ensureEngine, exists } from './engine.ts'
import { eventsOfJob, refusal } from './events.ts'
import { dataFolder } from './data-folder.ts'
import { engineEntry } from './folders.ts'
import { type PlannedJob, planJob } from './job.ts'
import { lowerForLocal } from './lower.ts'
import { ModelRunner } from './model-runner.ts'
import { type LocalModel, localModels } from './models.ts'
import { enginePackage, thisPlatform } from './platform.ts'
import type { OnProgress } from './progress.ts'
import { failureUnder } from '../cancelled.ts'
import { assertTranslatable } from '../refused-translation.ts'
import { ensureModel } from './pull-model.ts'
import { type LocalSettings, readLocalSettings } from './settings.ts'
import { localStatus } from './status.ts'
import { type StartWorker, startWorker } from './worker-process.ts'
import type { JobNews, Order } from './worker/protocol.ts'

export interface LocalProviderOptions {
  readonly clock?: () => number
  readonly dataDir?: string
  /** Hears of the fetches that a first call starts. */
  readonly onProgress?: OnProgress
  /** Default: a process of its own. */
  readonly startModel?: StartWorker
}

interface PreparedJob {
  readonly request: ChatRequest
  readonly planned: PlannedJob
  readonly notes: readonly Note[]
}

export class LocalProvider extends ExchangeProvider {
  readonly dataDir: string
  readonly #settings: LocalSettings
  readonly #options: LocalProviderOptions
  /** One process a model, by the path of its file. */
  readonly #runners = new Map<string, ModelRunner>()
  #closed = false

  constructor(config: ProviderConfig, options: LocalProviderOptions = {}) {
    super(config, options.clock)
    this.#options = options
    this.#settings = readLocalSettings(config.settings)
    this.dataDir = options.dataDir ?? dataFolder(process.env)
  }

  override get locality(): Locality {
    return 'local'
  }

  /** The processes that hold a model now. */
  get processIds(): readonly number[] {
    return [...this.#runners.values()].flatMap((runner) => runner.pid ?? [])
  }

  override async describeModels(): Promise<readonly ModelCard[]> {
    return (await this.#models()).map((model) => model.card)
  }

  override async resolveModel(model?: string): Promise<string> {
    if (model !== undefined) return model
    if (this.config.defaultModel !== undefined) return this.config.defaultModel
    const [first] = await this.#models()
    return first?.card.id ?? ''
  }

  /** It lives here: there is nobody to ask. */
  override get probeStyle(): ProbeStyle {
    return 'never'
  }

  /** Whether a call could be answered: what is not here yet counts as long as it may be fetched. Loads nothing. */
  override async checkHealth(): Promise<HealthReport> {
    const startedAt = this.clock()
    const status = await localStatus(this.dataDir)
    const { modelPath, fetch } = this.#settings
    const ownFileIsMissing = modelPath !== undefined && !(await exists(modelPath))
    const isReady = status.engineInstalled && (status.modelPresent || modelPath !== undefined)
    const healthy = this.enabled && status.supported && !ownFileIsMissing && (isReady || fetch)
    const reason =
      this.disabledReason ??
      (ownFileIsMissing
        ? `There is no file ${modelPath}; correct "settings.model_path".`
        : isReady
          ? undefined
          : status.reason)
    const report = { healthy, latencyMs: this.clock() - startedAt, checkedAtMs: startedAt }
    return reason === undefined ? report : { ...report, reason }
  }

  override async close(): Promise<void> {
    this.#closed = true
    for (const runner of this.#runners.values()) runner.close()
    this.#runners.clear()
  }

  override get listsFreely(): boolean {
    return true
  }

  override async knownModels(): Promise<readonly ModelCard[]> {
    return this.describeModels()
  }

  override async plan(exchange: ChatExchange): Promise<CallPlan> {
    this.assertEnabled()
    const { request, planned, notes } = this.#prepared(exchange)
    await this.#model(exchange.target.model)
    const given = asJsonObject(planned.job)
    return { lane: 'translate', notes, request, call: { kind: 'inner', given } }
  }

  protected override async answer(exchange: ChatExchange): Promise<ChatReply> {
    const { planned, notes } = this.#prepared(exchange)
    assertTranslatable(this.name, exchange.policy, notes)
    const model = await this.#model(exchange.target.model)
    await this.#fetchMissing(model, exchange.signal)
    const events = this.#generate(planned, model, exchange)
    const reply: ChatReply = { kind: 'stream', events: await peeked(singly(events)), notes }
    if (exchange.request.stream.enabled) return reply
    return { kind: 'whole', response: await wholeResponse(reply, exchange), notes }
  }

  /** Everything about a generation that is known before it starts; pure. */
  #prepared({ request: asked, target }: Pick<ChatExchange, 'request' | 'target'>): PreparedJob {
    assertAsked(asked)
    const lowered = lowerForLocal({ ...asked, model: target.model })
    const { maxOutputTokens } = this.#settings
    const planned = planJob(lowered.value, maxOutputTokens)
    const notes = [...lowered.notes, ...planned.notes]
    const request = { ...lowered.value, maxOutputTokens: planned.value.job.maxTokens }
    return { request, planned: planned.value, notes }
  }

  protected override async answerEmbed(exchange: EmbedExchange): Promise<EmbedReply> {
    const { request, target, policy, signal } = exchange
    const { texts, options, notes } = plainInputs(request, ['truncate'])
    assertTranslatable(this.name, policy, notes)
    const model = await this.#model(target.model)
    await this.#fetchMissing(model, signal)
    const order = { type: 'embed', texts, truncate: options.truncate === true } as const
    const done = await this.#done(order, model, signal)
    if (done.type !== 'embedded') throw unexpected(done)
    const usage = { input: { total: done.inputTokens } }
    const answer = fromEmbedAnswer({ vectors: done.vectors, usage }, target.model)
    return { kind: 'vectors', response: { origin: request.origin, ...answer }, notes }
  }

  override countsTokens(): boolean {
    return true
  }

  /** By the model's own tokenizer, in its own template. Nothing is fetched for a count: until the model is there, others may guess. */
  protected override async answerCount(exchange: CountExchange): Promise<CountReply> {
    const { request, target, policy, signal } = exchange
    const lowered = lowerForLocal(request)
    assertTranslatable(this.name, policy, lowered.notes)
    const planned = planJob(lowered.value, this.#settings.maxOutputTokens)
    const model = await this.#model(target.model)
    const status = await localStatus(this.dataDir)
    if (!status.engineInstalled || !(await exists(model.path))) return super.answerCount(exchange)
    const done = await this.#done({ type: 'count', job: planned.value.job }, model, signal)
    if (done.type !== 'counted') throw unexpected(done)
    const count = { inputTokens: done.tokens, exact: true }
    return { kind: 'count', count, notes: [...lowered.notes, ...planned.notes] }
  }

  override async runningModels(): Promise<readonly ModelCard[]> {
    const models = await this.#models()
    const { contextTokens } = this.#settings
    return models
      .filter(({ path }) => this.#runners.get(path)?.pid !== undefined)
      .map(({ card }) => ({
        ...card,
        contextTokens: Math.min(contextTokens, card.contextTokens ?? contextTokens),
      }))
  }

  /** The last news of an order that is answered at once. */
  async #done(order: Order, model: LocalModel, signal: AbortSignal): Promise<JobNews> {
    try {
      for await (const news of this.#runner(model).order(order, signal)) {
        if (news.type === 'refused') throw refusal(news)
        return news
      }
    } catch (error) {
      throw failureUnder(signal, error)
    }
    throw new GatewayError('upstream', 'The embedded model gave no answer.')
  }

  async *#generate(
    planned: PlannedJob,
    model: LocalModel,
    exchange: ChatExchange,
  ): AsyncGenerator<ChatEvent> {
    const context = {
      id: exchange.id,
      model: exchange.target.model,
      provider: this.name,
      createdMs: this.clock(),
      ...(planned.tool === undefined ? {} : { tool: planned.tool }),
    }
    const { signal } = exchange
    try {
      yield* eventsOfJob(this.#runner(model).run(planned.job, signal), context)
    } catch (error) {
      throw failureUnder(signal, error)
    }
  }

  #runner(model: LocalModel): ModelRunner {
    if (this.#closed) {
      throw new GatewayError('cancelled', `Provider "${this.name}" has been closed.`)
    }
    const known = this.#runners.get(model.path)
    if (known !== undefined) return known
    const { contextTokens, parallel, threads, queue, idleTimeout } = this.#settings
    const runner = new ModelRunner({
      load: {
        type: 'load',
        engineEntry: engineEntry(this.dataDir),
        modelPath: model.path,
        contextTokens,
        sequences: parallel,
        threads,
        gpu: enginePackage(thisPlatform)?.gpu ?? false,
      },
      queue,
      idleMs: idleTimeout * 1000,
      start: this.#options.startModel ?? startWorker,
    })
    this.#runners.set(model.path, runner)
    return runner
  }

  async #models(): Promise<readonly LocalModel[]> {
    const { modelPath, embeddingModelPath } = this.#settings
    return localModels({ dataDir: this.dataDir, ...compact({ modelPath, embeddingModelPath }) })
  }

  async #model(name: string): Promise<LocalModel> {
    const models = await this.#models()
    const model = models.find(({ card }) => card.id === name)
    if (model !== undefined) return model
    throw new GatewayError(
      'not_found',
      `There is no model "${this.name}/${name}". Provider "${this.name}" has: ${models.map(({ card }) => `${this.name}/${card.id}`).join(', ')}.`,
      { origin: 'client', code: 'model_not_found', param: 'model' },
    )
  }

  async #fetchMissing(model: LocalModel, signal: AbortSignal): Promise<void> {
    const status = await localStatus(this.dataDir)
    const isPresent = await exists(model.path)
    if (status.engineInstalled && isPresent) return
    if (!isPresent && !model.fetchable) {
      throw new GatewayError(
        'not_found',
        `There is no file ${model.path}; correct the path in the settings of provider "${this.name}".`,
        { code: 'local_model_unavailable' },
      )
    }
    if (!this.#settings.fetch) {
      throw new GatewayError(
        'upstream',
        'The embedded model is not on this machine, and "settings.fetch" is off. Run: patchbay models pull',
        { code: 'local_model_unavailable' },
      )
    }
    const { onProgress } = this.#options
    const options = {
      dataDir: this.dataDir,
      signal,
      ...(onProgress === undefined ? {} : { onProgress }),
    }
    await ensureEngine(options)
    if (!isPresent) await ensureModel(options)
  }
}

function unexpected({ type }: JobNews): GatewayError {
  return new GatewayError('internal', `The embedded model answered another question ("${type}").`)
}

/** With nothing to answer, a model would make something up. */
function assertAsked(request: ChatRequest): void {
  if (request.turns.some((turn) => turn.parts.length > 0)) return
  throw new GatewayError('invalid_request', 'There is no message to answer. Send at least one.', {
    origin: 'client',
    code: 'empty_messages',
    param: 'messages',
  })
}
