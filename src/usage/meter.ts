// Puts the cost of a whole answer beside it. Of a stream it is known only at its end, which is not here.
import type { Middleware, Target } from '../exchange/exchange.ts'
import { costOf } from './cost.ts'
import type { ModelPrice } from './price.ts'

export interface MeterOptions {
  /** Undefined where no price is known. */
  readonly priceOf: (target: Target) => Promise<ModelPrice | undefined>
}

export function meter({ priceOf }: MeterOptions): Middleware {
  return (next) => async (exchange) => {
    const reply = await next(exchange)
    if (reply.kind !== 'whole') return reply
    const cost = costOf(reply.response.usage, await priceOf(exchange.target))
    return cost === undefined ? reply : { ...reply, cost }
  }
}
