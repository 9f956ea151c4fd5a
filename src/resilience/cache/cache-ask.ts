// What is asked of the cache: by the caller, else by the route that it calls; undefined where nobody asks.
import type { CacheAsk } from '../../exchange/answer-cache.ts'
import type { Exchange } from '../../exchange/exchange.ts'

/** A caller that only says `refresh` or nothing of a time takes the route's. */
export function askedFor({ cache, choice }: Exchange): CacheAsk | undefined {
  const route = choice?.cache
  if (cache === undefined) return route === undefined ? undefined : { mode: 'use', ...route }
  return { ...route, ...cache }
}
