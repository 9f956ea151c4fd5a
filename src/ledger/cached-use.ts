// Writes down that an answer came from the cache: it is a use like others, and costs nothing again.
import { compact } from '../canonical/compact.ts'
import { askedFor } from '../exchange/answer-cache.ts'
import type { Exchange, Middleware, Reply } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { attemptIdAt } from './attempt-id.ts'
import type { Ledger, RecordedCalls, Settlement } from './ledger.ts'
import { tellSettled } from './told-budgets.ts'
import { whoseOf } from './whose.ts'

export interface CachedUseOptions {
  readonly ledger: Pick<Ledger, 'settle'>
  /** No budget counts what costs nothing. */
  readonly records: () => RecordedCalls
  /** Milliseconds since 1970. */
  readonly clock: () => number
  readonly newId: () => string
  readonly tell: Tell
}

/** Outside of the cache. Nobody waits for it: there is no money in it. */
export function cachedUse({ ledger, records, clock, newId, tell }: CachedUseOptions): Middleware {
  return (next) => {
    const noted = async (exchange: Exchange): Promise<Reply> => {
      const at = clock()
      const reply = await next(exchange)
      if (reply.cached?.state !== 'hit' || records() === 'budgeted') return reply
      const settlement = useOf(exchange, reply, {
        attemptId: attemptIdAt(at, newId),
        at,
        endedAt: clock(),
      })
      ledger.settle(settlement).then(
        (settled) => tellSettled(tell, settlement, settled),
        () => undefined,
      )
      return reply
    }
    return (exchange) => (askedFor(exchange) === undefined ? next(exchange) : noted(exchange))
  }
}

function useOf(
  exchange: Exchange,
  { target = exchange.target }: Reply,
  { attemptId, at, endedAt }: { attemptId: string; at: number; endedAt: number },
): Settlement {
  return compact({
    attemptId,
    ...whoseOf(exchange),
    provider: target.provider,
    model: target.model,
    at: Math.round(at),
    endedAt: Math.round(endedAt),
    tokens: {},
    nanoUsd: 0,
    source: 'cache' as const,
    status: 'cached' as const,
    latencyMs: Math.max(0, Math.round(endedAt - at)),
    reserveNano: 0,
    budgets: [],
  })
}
