// Puts the cost of a whole answer beside it, and tells at the end of every answer what it used.
import { compact } from '../canonical/compact.ts'
import { type Usage, totalTokens } from '../canonical/usage.ts'
import type { Middleware, Reply, Target } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import type { UsageSettled } from '../exchange/facts/attempts.ts'
import { type Outcome, observed } from '../exchange/observed.ts'
import { costOf } from './cost.ts'
import type { ModelPrice } from './price.ts'

export interface MeterOptions {
  /** Undefined where no price is known. */
  readonly priceOf: (target: Target) => Promise<ModelPrice | undefined>
  readonly tell: Tell
}

export function meter({ priceOf, tell }: MeterOptions): Middleware {
  return (next) => async (exchange) => {
    const { id, target, operation } = exchange
    // A count of tokens uses none, whoever counts.
    if (operation === 'count-tokens') return next(exchange)
    const [reply, price] = await Promise.all([next(exchange), priceOf(target)])
    const settled = observed(reply, (outcome, usage) => {
      const source = sourceOf(outcome, usage)
      tell({
        type: 'usage-settled',
        id,
        target,
        source,
        ...compact({ usage, cost: costOf(usage, price) }),
      })
    })
    return withCost(settled, price)
  }
}

function withCost(reply: Reply, price: ModelPrice | undefined): Reply {
  if (reply.kind !== 'whole') return reply
  const cost = costOf(reply.response.usage, price)
  return cost === undefined ? reply : { ...reply, cost }
}

function sourceOf(outcome: Outcome, usage: Usage | undefined): UsageSettled['source'] {
  if (totalTokens(usage) === undefined) return 'estimate'
  return outcome.kind === 'succeeded' && usage?.partial !== true ? 'provider' : 'partial'
}
