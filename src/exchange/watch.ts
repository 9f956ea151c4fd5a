// Those who follow a call to its end: they share one look at its reply and one ear for its being given up, so that none of them stands in its way.
import { toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Exchange, Handler } from './exchange.ts'
import { observed } from './observed.ts'
import type { Reply } from './reply.ts'
import type { Watcher, Watchers } from './watcher.ts'

/** Whoever joins later stands nearer to the answer, and hears of it first. */
export class Watch implements Watchers {
  readonly #watchers: Watcher[] = []
  readonly #signal: AbortSignal | undefined
  #isHeeded = false
  #isLeft = false
  #isOver = false

  /** Without a signal, whoever makes it says when the call is given up. */
  constructor(watcher: Watcher, signal?: AbortSignal) {
    this.#signal = signal
    this.#isLeft = signal?.aborted === true
    this.join(watcher)
  }

  join(watcher: Watcher): void {
    this.#watchers.push(watcher)
    if (watcher.left === undefined) return
    if (this.#isLeft) watcher.left()
    else if (!this.#isHeeded) {
      this.#isHeeded = true
      this.#signal?.addEventListener('abort', this.leave, { once: true })
    }
  }

  /** The call is given up. */
  readonly leave = (): void => {
    if (this.#isLeft || this.#isOver) return
    this.#isLeft = true
    for (const watcher of this.#watchers) watcher.left?.()
  }

  /** What is answered, told to all. */
  async over(next: Handler, exchange: Exchange): Promise<Reply> {
    try {
      return this.#began(await next(exchange))
    } catch (thrown) {
      const error = toGatewayError(thrown)
      this.#end((watcher) => watcher.failed(error))
      throw error
    }
  }

  #began(reply: Reply): Reply {
    let isHeard = false
    for (const watcher of this.#watchers.toReversed()) {
      watcher.began?.(reply)
      isHeard ||= watcher.hear !== undefined
    }
    const listener = isHeard && isInPieces(reply) ? this : undefined
    return observed(
      reply,
      (outcome, usage, heard) => this.#end((watcher) => watcher.ended({ outcome, usage, heard })),
      listener,
    )
  }

  hear(event: ChatEvent): void {
    for (const watcher of this.#watchers) watcher.hear?.(event)
  }

  #end(tell: (watcher: Watcher) => void): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#isHeeded) this.#signal?.removeEventListener('abort', this.leave)
    for (const watcher of this.#watchers.toReversed()) tell(watcher)
  }
}

function isInPieces({ kind }: Reply): boolean {
  return kind === 'stream' || kind === 'bytes'
}

/** Hands a call on, and has somebody told of its end: beside those who watch it already, where there are any. */
export function watched(watcher: Watcher, next: Handler, exchange: Exchange): Promise<Reply> {
  const { watch, signal } = exchange
  if (watch === undefined) {
    const own = new Watch(watcher, signal)
    return own.over(next, { ...exchange, watch: own })
  }
  watch.join(watcher)
  return next(exchange)
}
