// The manager and the facade as the package exports them: every call goes through the pipeline.
import type { ChatExchange, Target } from '../exchange/exchange.ts'
import { priceList } from '../prices/price-list.ts'
import * as plain from '../providers/llm-provider.ts'
import * as bare from '../providers/manager.ts'
import { type PriceBook, type ModelPrice, priceBook } from '../usage/price.ts'
import { type PriceSetting, ownPrice } from '../usage/price-setting.ts'
import { type Explanation, explained } from './explanation.ts'
import { pipeline, priceOf } from './pipeline.ts'
import { type ExplainOptions, type Question, exchangeOf } from './question.ts'

export interface ManagerOptions extends bare.ManagerOptions {
  /** Prices of your own by `provider/model`, in US dollars for a million tokens; they go before the public list. */
  readonly prices?: Readonly<Record<string, PriceSetting>>
}

/** Many providers behind one door. Middleware of the caller's own stands outside the pipeline. */
export class ProviderManager extends bare.ProviderManager {
  readonly #prices: PriceBook

  constructor(options: ManagerOptions = {}) {
    const { middleware: own = [], prices = {} } = options
    const entries = Object.entries(prices).map(([name, price]) => [name, ownPrice(price)] as const)
    const book = priceBook({
      own: Object.fromEntries(entries),
      list: priceList(options.clock ?? Date.now),
    })
    super({
      ...options,
      middleware: (manager) => [
        ...(typeof own === 'function' ? own(manager) : own),
        ...pipeline(manager, book),
      ],
    })
    this.#prices = book
  }

  /**
   * What `chat` with the same arguments would do, found out without calling the provider: what would be sent, what is
   * lost on the way, what it costs, and whether it is refused. Middleware of your own is not run.
   */
  async explain(question: Question, options: ExplainOptions = {}): Promise<Explanation> {
    return this.explainExchange(await exchangeOf(this, question, options))
  }

  /** As explain, for who makes exchanges: what `handle` would do with it. */
  async explainExchange(exchange: ChatExchange): Promise<Explanation> {
    return explained(exchange, {
      provider: this.getProvider(exchange.target.provider),
      priceOf: async (target) => this.priceOf(target),
    })
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
