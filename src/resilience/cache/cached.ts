// Answers a call with the answer that the same call got before, where its caller or its route asks for that.
import { type CacheAsk, type CacheTold, askedFor } from '../../exchange/answer-cache.ts'
import type { ChatReply, Exchange, Middleware, Reply } from '../../exchange/exchange.ts'
import { chatReply } from '../../exchange/expected.ts'
import type { CacheBypassed } from '../../exchange/facts/answers.ts'
import type { Tell } from '../../exchange/happening.ts'
import type { Pause } from '../pause.ts'
import { type CacheKey, cacheKey } from './cache-key.ts'
import type { EntryStore } from './entry-store.ts'
import { Flights } from './flights.ts'
import { type KeptAnswer, type KeptReply, readKept, replayed } from './kept-reply.ts'
import { type Unkept, recorded } from './recording.ts'
import { unfit } from './unfit.ts'

export interface CacheSettings {
  /** How long an answer may be used, where nothing else is said. Default 300000. */
  readonly ttlMs: number
  /** The longest that a caller may ask for. Default 86400000. */
  readonly maxTtlMs: number
  /** Characters of one answer; a longer one is not kept. Default 1048576. */
  readonly maxAnswer: number
  /** How long a call waits for the same call that came just before it; 0: not at all. Default 30000. */
  readonly coalesceMs: number
}

export const CACHE: CacheSettings = {
  ttlMs: 300_000,
  maxTtlMs: 86_400_000,
  maxAnswer: 1024 * 1024,
  coalesceMs: 30_000,
}

export interface CacheOptions extends CacheSettings {
  readonly store: EntryStore
  /** Milliseconds. */
  readonly clock: () => number
  readonly pause: Pause
  readonly tell: Tell
}

/** A cache that is lost is no reason for a call to fail: it is passed by. */
export function cached(options: CacheOptions): Middleware {
  const flights = new Flights(options)
  return (next) => {
    const answered = async (exchange: Exchange, ask: CacheAsk): Promise<Reply> => {
      const visit = new Visit(exchange, ask, options)
      const reason = ask.mode === 'off' ? 'asked' : unfit(exchange)
      if (reason !== undefined || exchange.operation !== 'chat') {
        return visit.bypassed(reason ?? 'operation', await next(exchange))
      }
      const key = await cacheKey(exchange)
      const found = ask.mode === 'refresh' ? undefined : await visit.lookUp(key)
      if (found === 'lost') return visit.bypassed('store-lost', await next(exchange))
      if (found !== undefined) return found
      const answer = async (): Promise<ChatReply> => chatReply(await next(exchange))
      if (ask.mode === 'refresh') return visit.kept(key, await answer())
      return flights.board(key.base, exchange.signal, {
        // Whoever was first has an answer that is kept by now, or none that can be.
        after: async () => visit.lookUp(key, 'coalesced'),
        first: async (landed) => visit.kept(key, await answer(), landed),
      })
    }
    return (exchange) => {
      const ask = askedFor(exchange)
      return ask === undefined ? next(exchange) : answered(exchange, ask)
    }
  }
}

/** One call at the cache. */
class Visit {
  readonly #exchange: Exchange
  readonly #ask: CacheAsk
  readonly #options: CacheOptions

  constructor(exchange: Exchange, ask: CacheAsk, options: CacheOptions) {
    this.#exchange = exchange
    this.#ask = ask
    this.#options = options
  }

  bypassed(reason: CacheBypassed['reason'], reply: Reply): Reply {
    this.#options.tell({ type: 'cache-bypassed', id: this.#exchange.id, reason })
    return marked(reply, { state: 'bypass' })
  }

  async lookUp(key: CacheKey, how?: 'coalesced'): Promise<ChatReply | 'lost' | undefined> {
    const { store, clock, tell } = this.#options
    const { id } = this.#exchange
    let text: string | undefined
    try {
      text = await store.get(key.base)
    } catch {
      return 'lost'
    }
    const kept = text === undefined ? undefined : readKept(text)
    const reply = kept === undefined ? undefined : replayed(kept, key)
    if (kept === undefined || reply === undefined) return undefined
    const ageMs = Math.max(0, clock() - kept.givenAtMs)
    if (how === 'coalesced') tell({ type: 'cache-coalesced', id })
    tell({ type: 'cache-hit', id, ageMs })
    return { ...reply, cached: { state: 'hit', ageMs } }
  }

  /** The reply, put away at its end; `landed` is called when it is known whether it was. */
  kept(key: CacheKey, reply: ChatReply, landed: () => void = () => undefined): ChatReply {
    const { maxAnswer, tell } = this.#options
    tell({ type: 'cache-miss', id: this.#exchange.id })
    const { notes, askedIn, target } = reply
    const head = { notes, ...(askedIn && { askedIn }), ...(target && { target }) }
    const onEnd = (answer: KeptAnswer | Unkept): void => {
      const put = typeof answer === 'string' ? this.#leftOut(answer) : this.#put(key, head, answer)
      void put.finally(landed)
    }
    return { ...recorded(reply, { maxAnswer, onEnd }), cached: { state: 'miss' } }
  }

  async #put(key: CacheKey, head: KeptReply['head'], answer: KeptAnswer): Promise<void> {
    const { store, clock, ttlMs, maxTtlMs, tell } = this.#options
    const { id } = this.#exchange
    const kept: KeptReply = { version: 1, form: key.form, givenAtMs: clock(), head, answer }
    const text = JSON.stringify(kept)
    const longest = Math.min(this.#ask.ttlMs ?? ttlMs, maxTtlMs)
    try {
      await store.set(key.base, text, longest)
      tell({ type: 'cache-stored', id, length: text.length })
    } catch {
      tell({ type: 'cache-bypassed', id, reason: 'store-lost' })
    }
  }

  async #leftOut(reason: Unkept): Promise<void> {
    this.#options.tell({ type: 'cache-bypassed', id: this.#exchange.id, reason })
  }
}

function marked(reply: Reply, cached: CacheTold): Reply {
  return { ...reply, cached }
}
