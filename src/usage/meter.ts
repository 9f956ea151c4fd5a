// Puts the cost of a whole answer beside it, and tells at the end of every answer what it used.
import type { Cost } from '../canonical/cost.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Usage } from '../canonical/usage.ts'
import type { Exchange, Middleware, Reply, WholeReply } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import type { UsageSettled } from '../exchange/facts/attempts.ts'
import { type Outcome, outcomeOf } from '../exchange/observed.ts'
import type { Estimating, UsageEstimate } from '../exchange/usage-estimate.ts'
import { followed } from '../exchange/following.ts'
import type { Ending, Follower } from '../exchange/follower.ts'
import { costOf } from './cost.ts'
import type { ModelPrice, PriceOf } from './price.ts'
import { soundUsage } from './sound-usage.ts'

export interface MeterOptions {
  /** Undefined where no price is known. */
  readonly priceOf: PriceOf
  /** For answers that are not counted. Only what is told holds its guesses, never the answer. */
  readonly estimating: Estimating
  readonly tell: Tell
}

export function meter(options: MeterOptions): Middleware {
  return (next) => {
    const metered = async (exchange: Exchange): Promise<Reply> => {
      const finding = options.priceOf(exchange.target)
      const reply = await next(exchange)
      const price = finding instanceof Promise ? await finding : finding
      const metering = new Metering(options, exchange, price)
      return reply.kind === 'whole'
        ? metering.priced(reply)
        : followed(metering, async () => reply, exchange)
    }
    // A count of tokens uses none, whoever counts.
    return (exchange) =>
      exchange.operation === 'count-tokens' ? next(exchange) : metered(exchange)
  }
}

/** Of one answer. */
class Metering implements Follower {
  readonly #options: MeterOptions
  readonly #exchange: Exchange
  readonly #price: ModelPrice | undefined
  readonly #estimate: UsageEstimate

  constructor(options: MeterOptions, exchange: Exchange, price: ModelPrice | undefined) {
    this.#options = options
    this.#exchange = exchange
    this.#price = price
    this.#estimate = options.estimating(exchange)
  }

  /** A guess is told, and not shown as what the call has cost. */
  priced(reply: WholeReply): WholeReply {
    const { response } = reply
    this.#estimate.read(response)
    const { usage, cost } = this.#settled(outcomeOf(response), response.usage)
    if (cost === undefined) return reply
    if (usage.estimated === true && this.#price?.origin !== 'free') return reply
    return { ...reply, cost }
  }

  hear(event: ChatEvent): void {
    this.#estimate.hear(event)
  }

  ended({ outcome, usage }: Ending): void {
    this.#settled(outcome, usage)
  }

  failed(): void {
    // What has no answer is not metered.
  }

  #settled(
    outcome: Outcome,
    told: Usage = {},
  ): { readonly usage: Usage; readonly cost: Cost | undefined } {
    const { usage: sound, unsound } = soundUsage(told)
    const usage = this.#estimate.of(sound)
    const cost = costOf(usage, this.#price)
    const { id, target } = this.#exchange
    this.#options.tell({
      type: 'usage-settled',
      id,
      target,
      source: sourceOf(outcome, usage),
      usage,
      ...(cost === undefined ? {} : { cost }),
      ...(unsound.length === 0 ? {} : { unsound }),
    })
    return { usage, cost }
  }
}

function sourceOf(outcome: Outcome, usage: Usage): UsageSettled['source'] {
  if (usage.estimated === true) return 'estimate'
  return outcome.kind === 'succeeded' && usage.partial !== true ? 'provider' : 'partial'
}
