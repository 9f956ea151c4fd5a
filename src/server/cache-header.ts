// The header by which a caller asks for the cache of answers: `ttl=60`, `refresh`, `refresh, ttl=60`, `no-store`.
import { GatewayError } from '../canonical/errors.ts'
import type { CacheAsk } from '../exchange/answer-cache.ts'
import type { Reply } from '../exchange/exchange.ts'
import type { WireHeaders } from '../wire/message.ts'

const NAME = 'x-patchbay-cache'

/** Undefined where nothing is asked. Throws GatewayError invalid_request where it is not understood. */
export function cacheAsk(headers: WireHeaders): CacheAsk | undefined {
  const text = headers[NAME]
  if (text === undefined) return undefined
  const words = text.split(',').map((word) => word.trim().toLowerCase())
  if (words.length === 1 && words[0] === 'no-store') return { mode: 'off' }
  let ask: CacheAsk = { mode: 'use' }
  for (const word of words) {
    const seconds = /^ttl=(\d{1,9})$/.exec(word)?.[1]
    if (seconds !== undefined && Number(seconds) > 0)
      ask = { ...ask, ttlMs: Number(seconds) * 1000 }
    else if (word === 'refresh') ask = { ...ask, mode: 'refresh' }
    else if (word !== 'use') throw notUnderstood()
  }
  return ask
}

/** Whether the cache had the answer, and how old it is. */
export function cacheHeaders({ cached }: Reply): WireHeaders {
  if (cached === undefined) return {}
  const { state, ageMs } = cached
  const age = ageMs === undefined ? {} : { age: String(Math.floor(ageMs / 1000)) }
  return { [NAME]: state, ...age }
}

function notUnderstood(): GatewayError {
  return new GatewayError(
    'invalid_request',
    `The header ${NAME} must be "use", "ttl=<seconds>", "refresh", both of these with a comma, or "no-store".`,
    { origin: 'client', code: 'unknown_cache_directive', param: NAME },
  )
}
