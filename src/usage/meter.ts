// Puts the cost of a whole answer beside it, and tells at the end of every answer what it used.
import { compact } from '../canonical/compact.ts'
import type { Usage } from '../canonical/usage.ts'
import type { Middleware, Target, WholeReply } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import type { UsageSettled } from '../exchange/facts/attempts.ts'
import { type OnEnd, type Outcome, observed } from '../exchange/observed.ts'
import type { Estimating } from '../exchange/usage-estimate.ts'
import { costOf } from './cost.ts'
import type { ModelPrice } from './price.ts'
import { soundUsage } from './sound-usage.ts'

export interface MeterOptions {
  /** Undefined where no price is known. */
  readonly priceOf: (target: Target) => Promise<ModelPrice | undefined>
  /** For answers that are not counted. Only what is told holds its guesses, never the answer. */
  readonly estimating: Estimating
  readonly tell: Tell
}

export function meter({ priceOf, estimating, tell }: MeterOptions): Middleware {
  return (next) => async (exchange) => {
    const { id, target, operation } = exchange
    // A count of tokens uses none, whoever counts.
    if (operation === 'count-tokens') return next(exchange)
    const [reply, price] = await Promise.all([next(exchange), priceOf(target)])
    const estimate = estimating(exchange)
    let settled: Usage | undefined
    const onEnd: OnEnd = (outcome, told = {}) => {
      const { usage: sound, unsound } = soundUsage(told)
      const usage = estimate.of(sound)
      const source = sourceOf(outcome, usage)
      const cost = costOf(usage, price)
      settled = usage
      const odd = unsound.length === 0 ? {} : { unsound }
      tell({ type: 'usage-settled', id, target, source, usage, ...compact({ cost }), ...odd })
    }
    const heard = observed(reply, onEnd, estimate)
    return heard.kind === 'whole' ? withCost(heard, settled, price) : heard
  }
}

/** A guess is told, and not shown as what the call has cost. */
function withCost(
  reply: WholeReply,
  usage: Usage | undefined,
  price: ModelPrice | undefined,
): WholeReply {
  if (usage?.estimated === true && price?.origin !== 'free') return reply
  const cost = costOf(usage, price)
  return cost === undefined ? reply : { ...reply, cost }
}

function sourceOf(outcome: Outcome, usage: Usage): UsageSettled['source'] {
  if (usage.estimated === true) return 'estimate'
  return outcome.kind === 'succeeded' && usage.partial !== true ? 'provider' : 'partial'
}
