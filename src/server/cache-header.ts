// The header by which a caller asks for the cache of answers: `ttl=60`, `refresh`, `refresh, ttl=60`, `no-store`.
import { compact } from '../canonical/compact.ts'
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
  const times = words.flatMap((word) => /^ttl=([1-9]\d{0,8})$/.exec(word)?.[1] ?? [])
  const plain = words.filter((word) => word === 'use' || word === 'refresh')
  if (times.length + plain.length < words.length || times.length > 1) throw notUnderstood()
  const ttlMs = times[0] === undefined ? undefined : Number(times[0]) * 1000
  return { mode: plain.includes('refresh') ? 'refresh' : 'use', ...compact({ ttlMs }) }
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
