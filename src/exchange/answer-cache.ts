// Whether a call may be answered with an answer that was given before, and whether it was.
import type { Choice } from './choice.ts'

/** What a caller, or the route that it calls, asks for. */
export interface CacheAsk {
  /** `refresh`: not from the cache, but into it. `off`: neither. */
  readonly mode: 'use' | 'refresh' | 'off'
  /** How long the answer may be used; absent: for the usual time. */
  readonly ttlMs?: number
}

/** How a reply came, where its caller or its route asked for the cache. */
export interface CacheTold {
  /** `bypass`: the cache had no part in it, for what was asked, or because it could not be reached. */
  readonly state: 'hit' | 'miss' | 'bypass'
  /** Of an answer from the cache: milliseconds since it was given. */
  readonly ageMs?: number
}

/** By the caller, else by the route that it calls; undefined where nobody asks. */
export function askedFor({ cache, choice }: Asking): CacheAsk | undefined {
  const route = choice?.cache
  if (cache === undefined) return route === undefined ? undefined : { mode: 'use', ...route }
  // A caller that only says `refresh` or nothing of a time takes the route's.
  return { ...route, ...cache }
}

interface Asking {
  readonly cache?: CacheAsk
  readonly choice?: Pick<Choice, 'cache'>
}
