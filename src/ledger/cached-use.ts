// Writes down that an answer came from the cache: it is a use like others, and costs nothing again.
import { compact } from '../canonical/compact.ts'
import type { Exchange, Middleware, Reply } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import type { Ledger, Settlement } from './ledger.ts'
import { tellSettled } from './told-budgets.ts'

export interface CachedUseOptions {
  readonly ledger: Pick<Ledger, 'settle'>
  /** Milliseconds since 1970. */
  readonly clock: () => number
  readonly newId: () => string
  readonly tell: Tell
}

/** Outside of the cache. Nobody waits for it: there is no money in it. */
export function cachedUse({ ledger, clock, newId, tell }: CachedUseOptions): Middleware {
  return (next) => async (exchange) => {
    const at = clock()
    const reply = await next(exchange)
    if (reply.cached?.state !== 'hit') return reply
    const settlement = useOf(exchange, reply, { attemptId: newId(), at, endedAt: clock() })
    ledger.settle(settlement).then(
      (settled) => tellSettled(tell, settlement, settled),
      () => undefined,
    )
    return reply
  }
}

function useOf(
  { id, operation, caller, account = {}, choice, target: asked }: Exchange,
  { target = asked }: Reply,
  { attemptId, at, endedAt }: { attemptId: string; at: number; endedAt: number },
): Settlement {
  return compact({
    attemptId,
    callId: id,
    operation,
    caller,
    team: account.team,
    parents: account.parents,
    tags: account.tags,
    route: choice?.route,
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
