// The manager and the facade as the package exports them: every call goes through the pipeline.
import { GatewayError } from '../canonical/errors.ts'
import { compact } from '../canonical/compact.ts'
import type { ChatExchange, Target } from '../exchange/exchange.ts'
import { Happenings } from '../exchange/happenings.ts'
import { priceList } from '../prices/price-list.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import * as plain from '../providers/llm-provider.ts'
import * as bare from '../providers/manager.ts'
import type { ProviderConfig } from '../providers/provider-config.ts'
import { type Every, realEvery } from '../resilience/limits/lease.ts'
import type { LimitStore } from '../resilience/limits/limit.ts'
import type { LimitRule } from '../resilience/limits/limit-rule.ts'
import { MemoryLimits } from '../resilience/limits/memory-limits.ts'
import { SettledLimits } from '../resilience/limits/settled-limits.ts'
import { type After, realAfter } from '../canonical/after.ts'
import type { Load } from '../resilience/load.ts'
import type { OverloadOptions } from '../resilience/overload-options.ts'
import { type Pause, realPause } from '../resilience/pause.ts'
import { TargetHealth } from '../resilience/target-health.ts'
import { firstOf } from '../routing/choice.ts'
import type { Route } from '../routing/route.ts'
import { RouteTable } from '../routing/route-table.ts'
import { type PriceBook, type ModelPrice, priceBook } from '../usage/price.ts'
import { type PriceSetting, ownPrice } from '../usage/price-setting.ts'
import { explainedRoute } from './explained-route.ts'
import type { Explanation } from './explanation.ts'
import type { LimitSettings } from './limits.ts'
import { pipeline, priceOf } from './pipeline.ts'
import { type Reconfigured, assertNamesApart, unknownDefault } from './reconfigured.ts'
import { type ExplainOptions, type Question, exchangeOf } from './question.ts'
import { askedCards, choiceIn } from './snapshot.ts'

export interface ManagerOptions extends bare.ManagerOptions {
  /** Prices of your own by `provider/model`, in US dollars for a million tokens; they go before the public list. */
  readonly prices?: Prices
  /** Names that stand for several targets, to begin with. */
  readonly routes?: readonly Route[]
  /** What calls must pass, besides the `rateLimit` of a provider. */
  readonly limits?: readonly LimitRule[]
  /** Tokens that limits set aside for an answer whose request sets no limit. Default 1024. */
  readonly outputReserve?: number
  /** Where limits are counted; closed by closeAll. Default: in memory. */
  readonly limitStore?: LimitStore
  /** How to beat at intervals, for calls that hold a place for long. Default: real timers. */
  readonly every?: Every
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
}

type Prices = Readonly<Record<string, PriceSetting>>

interface Changeable {
  limits: LimitSettings
  book: PriceBook
}

/** Many providers behind one door. Middleware of the caller's own stands outside the pipeline. */
export class ProviderManager extends bare.ProviderManager {
  /** What is known of every target from the calls it got. */
  readonly targets: TargetHealth
  /** What happens to calls and targets, for whoever listens. */
  readonly happenings: Happenings
  /** Names that stand for several targets; changed at any time. */
  readonly routes: RouteTable
  readonly #prices: PriceBook
  readonly #limits: LimitStore
  readonly #random: () => number
  readonly #changeable: Changeable
  readonly #bookWith: (own: Prices) => PriceBook

  constructor(options: ManagerOptions = {}) {
    const { middleware: own = [], prices = {}, random = Math.random, pause = realPause } = options
    const clock = options.clock ?? Date.now
    const health = new TargetHealth({ clock, random })
    const { limits: rules = [], limitStore = new MemoryLimits(clock), outputReserve } = options
    const list = priceList(clock)
    const bookWith = (own: Prices): PriceBook => priceBook({ own: ownPrices(own), list })
    const changeable: Changeable = {
      limits: { rules, ...compact({ outputReserve }) },
      book: bookWith(prices),
    }
    const book: PriceBook = { priceOf: (asked) => changeable.book.priceOf(asked) }
    const routes = new RouteTable(options.routes)
    const { every = realEvery, newId = () => crypto.randomUUID() } = options
    const store = new SettledLimits(limitStore)
    const limits = { settings: () => changeable.limits, store, every }
    const happenings = new Happenings()
    const { after = realAfter, overload = {}, load } = options
    const parts = {
      prices: book,
      limits,
      newId,
      tell: happenings.tell,
      after,
      overload,
      ...compact({ load }),
    }
    super({
      ...options,
      middleware: (manager) => [
        ...(typeof own === 'function' ? own(manager) : own),
        ...pipeline(manager, { ...parts, health, routes, random, pause }),
      ],
    })
    routes.reserve('a provider', (name) => this.findProvider(name) !== undefined)
    this.routes = routes
    this.happenings = happenings
    this.#limits = store
    this.#random = random
    this.targets = health
    this.#prices = book
    this.#changeable = changeable
    this.#bookWith = bookWith
  }

  /** Throws also where a route has the name: it would hide the provider. */
  override registerProvider(
    configOrProvider: ProviderConfig | BaseProvider,
    options: bare.RegisterOptions = {},
  ): BaseProvider {
    const { name } = configOrProvider
    if (this.routes.find(name) !== undefined) {
      throw new GatewayError(
        'conflict',
        `A route is called "${name}" already. Give the provider another name, or rename the route.`,
        { code: 'name_taken', param: 'name' },
      )
    }
    return super.registerProvider(configOrProvider, options)
  }

  /**
   * Puts what is configured in the place of what was, at once for all calls to come; what was registered otherwise stays. Throws
   * GatewayError with nothing changed. What it gives closes the providers whose place was taken, for when the calls before have ended.
   */
  reconfigure(next: Reconfigured): () => Promise<void> {
    const { providers, routes, before, aliases = {} } = next
    const replaced = this.replaceProviders(providers, new Set(before.providers))
    const table = this.routes.replace(routes, new Set(before.routes))
    assertNamesApart({ providers: replaced.names, routes, otherRoutes: table.others, aliases })
    const book = this.#bookWith(next.prices ?? {})
    const { defaultProvider } = next
    if (defaultProvider !== undefined && !replaced.names.includes(defaultProvider)) {
      throw unknownDefault(defaultProvider, replaced.names)
    }
    const closeRetired = replaced.commit()
    table.commit()
    this.#changeable.book = book
    this.#changeable.limits = next.limits
    if (defaultProvider !== undefined) this.setDefault(defaultProvider)
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
    const priceOf = async (target: Target): Promise<ModelPrice | undefined> => this.priceOf(target)
    const options = { manager: this, routes: this.routes, health: this.targets }
    return explainedRoute(exchange, { ...options, priceOf, random: this.#random })
  }

  override async closeAll(): Promise<void> {
    await super.closeAll()
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
