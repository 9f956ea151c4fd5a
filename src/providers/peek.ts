// A stream whose beginning has been seen: early failures reject instead of hiding in the stream.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { type Timer, globalTimer } from './timer.ts'

/** How long an opening may stand alone before the stream counts as begun; in milliseconds. */
const PATIENCE_MS = 2000

/** What may come before the first word of an answer: some providers open their stream and only then find out that they are overloaded. */
const OPENINGS: ReadonlySet<ChatEvent['type']> = new Set([
  'response-start',
  'usage-update',
  'native',
])

/**
 * What one item of a stream says of its beginning: nothing yet (`silent` is kept, `nothing` is passed over), that it has
 * opened, that the answer has begun, or that it failed.
 */
export type Verdict = 'nothing' | 'silent' | 'opened' | 'begun' | GatewayError

/** The verdict on an item that carries these events. */
export function verdictOn(events: readonly ChatEvent[]): Verdict {
  const error = events.find((event) => event.type === 'error')?.error
  if (error !== undefined) return error
  const telling = events.filter((event) => event.type !== 'ping')
  if (telling.length === 0) return 'silent'
  return telling.every((event) => OPENINGS.has(event.type)) ? 'opened' : 'begun'
}

/** As peekedAt, for events; pings are passed over. */
export async function peeked(
  events: AsyncIterable<ChatEvent>,
  timer?: Timer,
): Promise<AsyncIterable<ChatEvent>> {
  return peekedAt(events, {
    judge: (event) => (event.type === 'ping' ? 'nothing' : verdictOn([event])),
    ...(timer === undefined ? {} : { timer }),
  })
}

export interface PeekOptions<T> {
  readonly judge: (item: T) => Verdict
  readonly timer?: Timer
}

/**
 * Waits for the first item, and behind an opening for the first that says something, but then for no more than two
 * seconds. Rejects when that fails, when it tells of an error, and when the stream ends before it.
 */
export async function peekedAt<T>(
  stream: AsyncIterable<T>,
  { judge, timer = globalTimer }: PeekOptions<T>,
): Promise<AsyncIterable<T>> {
  const iterator = stream[Symbol.asyncIterator]()
  const seen: T[] = []
  const patience = new Patience(timer)
  try {
    for (;;) {
      const coming = iterator.next()
      const result = await patience.orGiveUp(coming)
      if (result === undefined) return new Resumed(seen, iterator, coming)
      if (result.done === true) throw emptyStream()
      const verdict = judge(result.value)
      if (verdict instanceof GatewayError) {
        await iterator.return?.()
        throw verdict
      }
      if (verdict === 'nothing') continue
      seen.push(result.value)
      if (verdict === 'begun') return new Resumed(seen, iterator)
      if (verdict === 'opened') patience.start()
    }
  } finally {
    patience.stop()
  }
}

function emptyStream(): GatewayError {
  return new GatewayError('upstream', 'The provider ended its stream without an answer.', {
    origin: 'upstream',
    code: 'empty_stream',
    breakage: { cause: 'truncated', sent: 'all' },
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

/** A stream that has given some items already, whole again; cancelled even when nobody starts it. */
class Resumed<T> implements AsyncIterableIterator<T> {
  #seen: T[]
  readonly #rest: AsyncIterator<T>
  /** The item that was asked for already and has not come. */
  #coming: Promise<IteratorResult<T>> | undefined

  constructor(seen: T[], rest: AsyncIterator<T>, coming?: Promise<IteratorResult<T>>) {
    this.#seen = seen
    this.#rest = rest
    this.#coming = coming
    // Should nobody read on, its failure is nobody's.
    coming?.catch(() => undefined)
  }

  async next(): Promise<IteratorResult<T>> {
    const event = this.#seen.shift()
    if (event !== undefined) return { done: false, value: event }
    const coming = this.#coming
    this.#coming = undefined
    return coming ?? this.#rest.next()
  }

  async return(): Promise<IteratorResult<T>> {
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
