// The manager and the facade as the package exports them: every call goes through the pipeline.
import { compact } from '../canonical/compact.ts'
import type { Credential } from '../exchange/credential.ts'
import type { ChatExchange, Target } from '../exchange/exchange.ts'
import { Happenings } from '../exchange/happenings.ts'
import { type NewerList, priceList } from '../prices/price-list.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import type { ReplacedCredential } from '../providers/credentials.ts'
import * as plain from '../providers/llm-provider.ts'
import * as bare from '../providers/manager.ts'
import type { ProviderConfig } from '../providers/provider-config.ts'
import type { CacheSetup } from '../resilience/cache/cache-setup.ts'
import { type Every, realEvery } from '../resilience/limits/lease.ts'
import type { LimitStore } from '../resilience/limits/limit.ts'
import type { LimitRule } from '../resilience/limits/limit-rule.ts'
import { MemoryLimits } from '../resilience/limits/memory-limits.ts'
import { SettledLimits } from '../resilience/limits/settled-limits.ts'
import { type Company, turnsOf } from '../resilience/company.ts'
import { KeyRing } from '../resilience/key-ring.ts'
import { type After, realAfter } from '../canonical/after.ts'
import { sharedAfter } from '../canonical/shared-after.ts'
import type { Load } from '../resilience/load.ts'
import type { OverloadOptions } from '../resilience/overload-options.ts'
import { type Pause, realPause } from '../resilience/pause.ts'
import type { ResilienceOptions } from '../resilience/resilience-options.ts'
import { TargetHealth } from '../resilience/target-health.ts'
import { firstOf } from '../routing/choice.ts'
import type { Route } from '../routing/route.ts'
import { modelTokenizers } from '../tokens/model-tokenizers.ts'
import { RouteTable } from '../routing/route-table.ts'
import { type PriceBook, type PriceOf, type ModelPrice, priceBook } from '../usage/price.ts'
import type { Tokenizers } from '../usage/tokenizer.ts'
import { type PriceSetting, ownPrice } from '../usage/price-setting.ts'
import { explainedRoute } from './explained-route.ts'
import { changeableOf } from './changeable.ts'
import type { Explanation, Paying } from './explanation.ts'
import { type LedgerSetup, payingBy } from './ledger.ts'
import type { LimitSettings } from './limits.ts'
import { pipeline, priceOf } from './pipeline.ts'
import { Probes, type ProbesOptions } from './probes.ts'
import { type Reconfigured, assertNamesApart, unknownDefault } from './reconfigured.ts'
import { type ExplainOptions, type Question, exchangeOf } from './question.ts'
import { askedCards, choiceIn } from './snapshot.ts'

export interface ManagerOptions extends bare.ManagerOptions {
  /** Prices of your own by `provider/model`, in US dollars for a million tokens; they go before the public list. */
  readonly prices?: Prices
  /** A public list of prices that is newer than the one that comes along. */
  readonly newerPrices?: NewerList
  /** Names that stand for several targets, to begin with. */
  readonly routes?: readonly Route[]
  /** What calls must pass, besides the `rateLimit` of a provider. */
  readonly limits?: readonly LimitRule[]
  /** Tokens that limits set aside for an answer whose request sets no limit. Default 1024. */
  readonly outputReserve?: number
  /** Where limits are counted; closed by closeAll. Default: in memory. */
  readonly limitStore?: LimitStore
  /** Where what calls use is written down, and the budgets that hold. Absent: nowhere, and none. */
  readonly ledger?: LedgerSetup
  /** How answers are used again, for calls and routes that ask for it. */
  readonly cache?: CacheSetup
  /** Where what happens is told. Default: a place of its own. */
  readonly happenings?: Happenings
  /** How to beat at intervals, for calls that hold a place for long. Default: real timers. */
  readonly every?: Every
  /** Whether providers are asked, at no cost, whether they are there, and how often. Absent: never. */
  readonly probes?: ProbesOptions
  /** Where other processes do the same work. Absent: this one is alone. */
  readonly company?: Company
  /** The numbers of retries, breakers, waits and refused keys. */
  readonly resilience?: ResilienceOptions
  /** How to wait for a place. Default: real timers. */
  readonly after?: After
  /** How loaded this process is, where somebody measures it; calls are then held back. */
  readonly load?: Load
  /** What is held back when this process or a target has too much to do. */
  readonly overload?: OverloadOptions
  /** 0 to 1, for jitter and shares. Default Math.random. */
  readonly random?: () => number
  /** How to wait between attempts. Default: real waiting. */
  readonly pause?: Pause
  /** How to hear of the end of a caller's patience. Default: real timers. */
  readonly alarm?: After
}

type Prices = Readonly<Record<string, PriceSetting>>
type BookWith = (own: Prices, newer: NewerList | undefined) => PriceBook

interface Changeable {
  limits: LimitSettings
  book: PriceBook
}
/** Milliseconds since 1970 as the process started, and steady from then on. */
const steadyClock = (): number => performance.timeOrigin + performance.now()

/** Many providers behind one door. Middleware of the caller's own stands outside the pipeline. */
export class ProviderManager extends bare.ProviderManager {
  /** What is known of every target from the calls it got. */
  readonly targets: TargetHealth
  /** How the credentials of every provider stand. */
  readonly keys: KeyRing
  /** What happens to calls and targets, for whoever listens. */
  readonly happenings: Happenings
  /** Names that stand for several targets; changed at any time. */
  readonly routes: RouteTable
  readonly #prices: PriceBook
  readonly #tokenizers: Tokenizers
  readonly #limits: LimitStore
  readonly #random: () => number
  readonly #probes: Probes
  readonly #paying: Paying | undefined
  readonly #changeable: Changeable
  readonly #bookWith: BookWith

  constructor(options: ManagerOptions = {}) {
    const {
      middleware: before = [],
      prices = {},
      random = Math.random,
      pause = realPause,
    } = options
    const { every = realEvery, happenings = new Happenings() } = options
    const { tell } = happenings
    // Calls are timed by what no change of the wall clock moves.
    const clock = options.clock ?? steadyClock
    const { alarm = sharedAfter() } = options
    const { resilience = {} } = options
    const { company } = options
    const turns = company === undefined ? {} : { isOurTurn: turnsOf(company) }
    const watched = { clock, random, every, tell, ...turns }
    const health = new TargetHealth(watched, resilience.breaker)
    const { limits: rules = [], limitStore = new MemoryLimits(clock), outputReserve } = options
    const { cache = {} } = options
    const bookWith: BookWith = (own, newer) =>
      priceBook({ own: ownPrices(own), list: priceList(clock, newer) })
    const changeable: Changeable = {
      limits: { rules, ...compact({ outputReserve }) },
      book: bookWith(prices, options.newerPrices),
    }
    const book: PriceBook = { priceOf: (asked) => changeable.book.priceOf(asked) }
    const routes = new RouteTable(options.routes)
    const tokenizers = modelTokenizers()
    const { newId = () => crypto.randomUUID() } = options
    const store = new SettledLimits(limitStore)
    const limits = { settings: () => changeable.limits, store, every }
    const { after = realAfter, overload = {}, load } = options
    const own: { manager?: bare.ProviderManager } = {}
    const keys = new KeyRing({
      setOf: (name) => own.manager?.findProvider(name)?.credentials?.set,
      check: async (name, label) => {
        const provider = own.manager?.findProvider(name)
        return (await provider?.checkCredential(label))?.healthy === true
      },
      clock,
      tell,
      ...compact({ holds: resilience.credentials }),
    })
    const parts = {
      prices: book,
      tokenizers,
      limits,
      cache,
      newId,
      tell,
      resilience,
      after,
      overload,
      clock,
      alarm,
      ...compact({ load, ledger: options.ledger }),
    }
    super({
      ...options,
      middleware: (manager) => [
        ...(typeof before === 'function' ? before(manager) : before),
        ...pipeline(manager, { ...parts, health, keys, routes, random, pause }),
      ],
    })
    routes.reserve('a provider', (name) => this.findProvider(name) !== undefined)
    own.manager = this
    this.keys = keys
    this.routes = routes
    this.happenings = happenings
    this.#limits = store
    this.#probes = new Probes(
      {
        providers: () => this.listProviders(),
        check: async ({ name }) => this.checkHealth(name),
        listen: (listener) => happenings.listen(listener),
        health,
        clock,
        random,
        every,
        tell,
        ...compact({ isOurs: company?.leads }),
      },
      options.probes ?? {},
    )
    if (options.probes !== undefined) this.#probes.start()
    this.#random = random
    this.#paying = payingBy(options.ledger, { clock, tokenizers })
    this.targets = health
    this.#prices = book
    this.#tokenizers = tokenizers
    this.#changeable = changeable
    this.#bookWith = bookWith
  }

  /** Throws also where a route has the name: it would hide the provider. */
  override registerProvider(
    configOrProvider: ProviderConfig | BaseProvider,
    options: bare.RegisterOptions = {},
  ): BaseProvider {
    const { name } = configOrProvider
    this.routes.assertNoRoute(name)
    const provider = super.registerProvider(configOrProvider, options)
    this.keys.lift(name, undefined, 'operator')
    this.#probes.registered(provider)
    return provider
  }

  override async enableProvider(name: string, apiKey?: string): Promise<BaseProvider> {
    const provider = await super.enableProvider(name, apiKey)
    this.keys.lift(name, undefined, 'operator')
    this.#probes.registered(provider)
    return provider
  }

  /** Gives a provider's credential another key, or adds one, from the next call on; calls under way end as they began. */
  replaceCredential(name: string, replaced: ReplacedCredential): Credential {
    const provider = this.getProvider(name)
    const credential = changeableOf(provider).replace(replaced)
    const { label, generation } = credential
    const { tell } = this.happenings
    tell({ type: 'credential-replaced', provider: name, credential: label, generation })
    return credential
  }

  /** From the next call on. */
  removeCredential(name: string, label: string): void {
    changeableOf(this.getProvider(name)).remove(label)
  }

  /** Lets a credential be used again that was refused. Returns whether it was. */
  liftCredential(name: string, label: string): boolean {
    changeableOf(this.getProvider(name)).assertKnown(label)
    return this.keys.lift(name, label, 'operator')
  }

  /** As for every manager; a refused key that a provider takes again is used again. */
  override async healthCheckAll(): Promise<Record<string, boolean>> {
    const [report] = await Promise.all([super.healthCheckAll(), this.#checkRefused()])
    return report
  }

  async #checkRefused(): Promise<void> {
    const refused = this.listProviders().flatMap((provider) =>
      this.keys
        .standing(provider.name)
        .filter(({ reason, state }) => state === 'quarantined' && reason === 'auth')
        .map(({ label }) => ({ provider, label })),
    )
    await Promise.all(
      refused.map(async ({ provider, label }) => {
        const { healthy } = await provider.checkCredential(label)
        if (healthy) this.keys.lift(provider.name, label, 'probe')
      }),
    )
  }

  /**
   * Puts what is configured in the place of what was, at once for all calls to come; what was registered otherwise stays. Throws
   * GatewayError with nothing changed. What it gives closes the providers whose place was taken, for when the calls before have ended.
   */
  reconfigure(next: Reconfigured): () => Promise<void> {
    const { providers, routes, before, aliases = {} } = next
    const { stored = [] } = next
    const wanted = [
      ...providers.map((config) => ({ config, source: 'operator' as const })),
      ...stored.map((config) => ({ config, source: 'remote' as const })),
    ]
    const replaced = this.replaceProviders(wanted, new Set(before.providers))
    const table = this.routes.replace(routes, new Set(before.routes))
    assertNamesApart({ providers: replaced.names, routes, otherRoutes: table.others, aliases })
    const book = this.#bookWith(next.prices ?? {}, next.newerPrices)
    const { defaultProvider } = next
    if (defaultProvider !== undefined && !replaced.names.includes(defaultProvider)) {
      throw unknownDefault(defaultProvider, replaced.names)
    }
    const closeRetired = replaced.commit()
    table.commit()
    this.#changeable.book = book
    this.#changeable.limits = next.limits
    if (defaultProvider !== undefined) this.setDefault(defaultProvider)
    for (const provider of this.listProviders()) this.#probes.registered(provider)
    return closeRetired
  }

  override isRoute(name: string): boolean {
    return this.routes.find(name) !== undefined
  }

  protected override async targetsOf(
    asked: bare.AskedTarget,
    signal: AbortSignal,
  ): Promise<Pick<ChatExchange, 'target' | 'choice'>> {
    const { provider, model = '' } = asked
    const route = provider === undefined ? this.routes.find(model) : undefined
    if (route === undefined) return super.targetsOf(asked, signal)
    const choice = await choiceIn(this, route, askedCards(signal))
    return { target: firstOf(choice), choice }
  }

  /**
   * What `chat` with the same arguments would do, found out without calling the provider: what would be sent, what is
   * lost on the way, what it costs, and whether it is refused. Middleware of your own is not run.
   */
  async explain(question: Question, options: ExplainOptions = {}): Promise<Explanation> {
    const names = { manager: this, routes: this.routes }
    return this.explainExchange(await exchangeOf(names, question, options))
  }

  /** As explain, for who makes exchanges: what `handle` would do with it. */
  async explainExchange(exchange: ChatExchange): Promise<Explanation> {
    const priceOf: PriceOf = (target) => this.priceOf(target)
    const options = { manager: this, routes: this.routes, health: this.targets }
    const known = { tokenizers: this.#tokenizers, ...compact({ paying: this.#paying }) }
    return explainedRoute(exchange, { ...options, ...known, priceOf, random: this.#random })
  }

  /** Resolves when no provider is being asked whether it is there. */
  async probed(): Promise<void> {
    await this.#probes.idle()
  }

  override async closeAll(): Promise<void> {
    this.#probes.stop()
    await super.closeAll()
    this.targets.close()
    await this.#limits.close()
  }

  /** What a model costs; undefined where nobody knows. */
  async priceOf(target: Target): Promise<ModelPrice | undefined> {
    return priceOf(target, this, this.#prices)
  }
}

/** The simplest door; without a manager it makes its own. */
export class LLMProvider extends plain.LLMProvider {
  constructor(options: plain.LLMProviderOptions = {}) {
    super({ manager: options.manager ?? new ProviderManager() })
  }
}

function ownPrices(prices: Prices): Readonly<Record<string, ModelPrice>> {
  return Object.fromEntries(
    Object.entries(prices).map(([name, price]) => [name, ownPrice(price)] as const),
  )
}
