// A stream whose beginning has been seen: early failures reject instead of hiding in the stream.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'

/** Runs something once after `ms`; what it gives back cancels that. */
export type Timer = (ms: number, run: () => void) => () => void

const globalTimer: Timer = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** How long an opening may stand alone before the stream counts as begun; in milliseconds. */
const PATIENCE_MS = 2000

/** What may come before the first word of an answer: some providers open their stream and only then find out that they are overloaded. */
const OPENINGS: ReadonlySet<ChatEvent['type']> = new Set([
  'response-start',
  'usage-update',
  'native',
  'ping',
])

/**
 * Waits for the first event, and behind an opening for the first that says something, but then for no more than two
 * seconds. Rejects when that fails, when it is an error event, and when the stream ends before it. Pings are passed over.
 */
export async function peeked(
  events: AsyncIterable<ChatEvent>,
  timer: Timer = globalTimer,
): Promise<AsyncIterable<ChatEvent>> {
  const iterator = events[Symbol.asyncIterator]()
  const seen: ChatEvent[] = []
  const patience = new Patience(timer)
  try {
    for (;;) {
      const coming = iterator.next()
      const result = await patience.orGiveUp(coming)
      if (result === undefined) return new Resumed(seen, iterator, coming)
      if (result.done === true) throw emptyStream()
      const event = result.value
      if (event.type === 'error') {
        await iterator.return?.()
        throw event.error
      }
      if (event.type === 'ping') continue
      seen.push(event)
      if (!OPENINGS.has(event.type)) return new Resumed(seen, iterator)
      patience.start()
    }
  } finally {
    patience.stop()
  }
}

function emptyStream(): GatewayError {
  return new GatewayError('upstream', 'The provider ended its stream without an answer.', {
    origin: 'upstream',
    code: 'empty_stream',
  })
}

/** Endless until it is started; then it counts from the first start. */
class Patience {
  readonly #timer: Timer
  readonly #out = Promise.withResolvers<undefined>()
  #cancel: (() => void) | undefined

  constructor(timer: Timer) {
    this.#timer = timer
  }

  start(): void {
    this.#cancel ??= this.#timer(PATIENCE_MS, () => this.#out.resolve(undefined))
  }

  stop(): void {
    this.#cancel?.()
  }

  /** Undefined when patience ends before the work does. */
  orGiveUp<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.#out.promise])
  }
}

/** An iterator that has given some events already, whole again; cancelled even when nobody starts it. */
class Resumed implements AsyncIterableIterator<ChatEvent> {
  #seen: ChatEvent[]
  readonly #rest: AsyncIterator<ChatEvent>
  /** The event that was asked for already and has not come. */
  #coming: Promise<IteratorResult<ChatEvent>> | undefined

  constructor(
    seen: ChatEvent[],
    rest: AsyncIterator<ChatEvent>,
    coming?: Promise<IteratorResult<ChatEvent>>,
  ) {
    this.#seen = seen
    this.#rest = rest
    this.#coming = coming
    // Should nobody read on, its failure is nobody's.
    coming?.catch(() => undefined)
  }

  async next(): Promise<IteratorResult<ChatEvent>> {
    const event = this.#seen.shift()
    if (event !== undefined) return { done: false, value: event }
    const coming = this.#coming
    this.#coming = undefined
    return coming ?? this.#rest.next()
  }

  async return(): Promise<IteratorResult<ChatEvent>> {
    const waiting = this.#coming !== undefined
    this.#seen = []
    this.#coming = undefined
    const left = this.#rest.return?.()
    // A generator leaves only when its own wait is over; the reader need not wait for that.
    if (waiting) left?.catch(() => undefined)
    else await left
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
