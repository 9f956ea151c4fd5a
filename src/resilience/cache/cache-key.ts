// What makes two calls the same: who asks, whom, under which policy, and everything that is asked.
import type { ChatExchange } from '../../exchange/exchange.ts'
import { digest, stableText } from './stable-text.ts'

export interface CacheKey {
  /** The same for a whole answer and for a stream. */
  readonly base: string
  /** What only the form of the answer depends on. */
  readonly form: string
  readonly streams: boolean
}

/** Nobody gets the answer of another: callers without a key are one. */
export async function cacheKey(exchange: ChatExchange): Promise<CacheKey> {
  const { caller, policy, target, choice, source, request } = exchange
  const { stream, ...asked } = request
  const whom =
    choice === undefined
      ? { target }
      : { route: choice.route, targets: choice.candidates.map((one) => one.target) }
  return {
    base: `cache:${await digest(stableText({ caller: caller ?? null, policy, whom, asked }))}`,
    form: stableText({ stream, dialect: source?.dialect }),
    streams: stream.enabled,
  }
}
