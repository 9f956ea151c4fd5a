// Those who follow a call to its end: they share one look at its reply and one ear for its being given up, so that none of them stands in its way.
import { toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Exchange, Handler } from './exchange.ts'
import { type OnEnd, observed } from './observed.ts'
import type { Reply } from './reply.ts'
import type { Follower, Followers } from './follower.ts'

/** Whoever joins later stands nearer to the answer, and hears of it first. */
export class Following implements Followers {
  readonly #followers: Follower[] = []
  readonly #signal: AbortSignal | undefined
  #isHeeded = false
  #isLeft = false
  #isOver = false

  /** Without a signal, whoever makes it says when the call is given up. */
  constructor(follower: Follower, signal?: AbortSignal) {
    this.#signal = signal
    this.#isLeft = signal?.aborted === true
    this.join(follower)
  }

  join(follower: Follower): void {
    this.#followers.push(follower)
    if (follower.left === undefined) return
    if (this.#isLeft) follower.left()
    else if (!this.#isHeeded) {
      this.#isHeeded = true
      this.#signal?.addEventListener('abort', this.leave, { once: true })
    }
  }

  /** The call is given up. */
  readonly leave = (): void => {
    if (this.#isLeft || this.#isOver) return
    this.#isLeft = true
    for (const follower of this.#followers) follower.left?.()
  }

  /** What is answered, told to all. */
  async over(next: Handler, exchange: Exchange): Promise<Reply> {
    try {
      return this.#began(await next(exchange))
    } catch (thrown) {
      const error = toGatewayError(thrown)
      this.#end((follower) => follower.failed(error))
      throw error
    }
  }

  #began(reply: Reply): Reply {
    for (const follower of this.#followers.toReversed()) follower.began?.(reply)
    const onEnd: OnEnd = (outcome, usage, heard) =>
      this.#end((follower) => follower.ended({ outcome, usage, heard }))
    return observed(reply, onEnd, isInPieces(reply) ? this.#listener() : undefined)
  }

  #listener(): { hear(event: ChatEvent): void } | undefined {
    const hearing = this.#followers.filter((follower) => follower.hear !== undefined)
    if (hearing.length === 0) return undefined
    return {
      hear: (event) => {
        for (const follower of hearing) follower.hear?.(event)
      },
    }
  }

  #end(tell: (follower: Follower) => void): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#isHeeded) this.#signal?.removeEventListener('abort', this.leave)
    for (const follower of this.#followers.toReversed()) tell(follower)
  }
}

function isInPieces({ kind }: Reply): boolean {
  return kind === 'stream' || kind === 'bytes'
}

/** Hands a call on, and has somebody told of its end: beside those who follow it already, where there are any. */
export function followed(follower: Follower, next: Handler, exchange: Exchange): Promise<Reply> {
  const { following, signal } = exchange
  if (following === undefined) {
    const own = new Following(follower, signal)
    return own.over(next, { ...exchange, following: own })
  }
  following.join(follower)
  return next(exchange)
}
