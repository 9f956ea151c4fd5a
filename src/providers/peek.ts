// A stream whose beginning has been seen: early failures reject instead of hiding in the stream.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Part } from '../canonical/part.ts'
import { type Timer, globalTimer } from './timer.ts'

/** What may come before the first word of an answer: some providers open their stream and only then find out that they are overloaded. */
const OPENINGS: ReadonlySet<ChatEvent['type']> = new Set([
  'response-start',
  'usage-update',
  'native',
  'part-end',
])

/**
 * What one item of a stream says of its beginning: nothing yet (`silent` is kept, `nothing` is passed over), that it has
 * opened, that the model is at work on something that takes as long as it takes, that the answer has begun, or that it failed.
 */
export type Verdict = 'nothing' | 'silent' | 'opened' | 'working' | 'begun' | GatewayError

/** The verdict on an item that carries these events. */
export function verdictOn(events: readonly ChatEvent[]): Verdict {
  const error = events.find((event) => event.type === 'error')?.error
  if (error !== undefined) return error
  const verdicts = new Set(events.map((event) => verdictOnOne(event)))
  return ORDER.find((verdict) => verdicts.has(verdict)) ?? 'silent'
}

const ORDER = ['begun', 'working', 'opened'] as const

/** A role, a count, an empty part are no content: a stream that dies behind them has said nothing, and another may say it all. */
function verdictOnOne(event: ChatEvent): (typeof ORDER)[number] | 'silent' {
  if (event.type === 'ping') return 'silent'
  if (event.type === 'part-start') return verdictOnPart(event.part)
  if (event.type === 'part-delta') {
    return event.delta.kind === 'text' && event.delta.text === '' ? 'opened' : 'begun'
  }
  return OPENINGS.has(event.type) ? 'opened' : 'begun'
}

function verdictOnPart(part: Part): 'opened' | 'working' | 'begun' {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? 'opened' : 'begun'
    case 'reasoning':
      return part.text === '' && part.redacted !== true ? 'working' : 'begun'
    default:
      return 'begun'
  }
}

/** How long the first word is waited for, where there is a limit. */
export interface FirstWord {
  /** Milliseconds; pings and openings are liveness, and do not renew it. */
  readonly limitMs: number
  readonly timer?: Timer
}

/** As peekedAt, for events; pings are passed over. */
export async function peeked(
  events: AsyncIterable<ChatEvent>,
  firstWord?: FirstWord,
): Promise<AsyncIterable<ChatEvent>> {
  return peekedAt(events, {
    judge: (event) => (event.type === 'ping' ? 'nothing' : verdictOn([event])),
    ...(firstWord === undefined ? {} : { firstWord }),
  })
}

export interface PeekOptions<T> {
  readonly judge: (item: T) => Verdict
  readonly firstWord?: FirstWord
}

/**
 * Waits for the first item that says something. Rejects when that fails, when it tells of an error, when the stream ends
 * before it, and when it does not come in time.
 */
export async function peekedAt<T>(
  stream: AsyncIterable<T>,
  { judge, firstWord }: PeekOptions<T>,
): Promise<AsyncIterable<T>> {
  const iterator = stream[Symbol.asyncIterator]()
  const seen: T[] = []
  const patience = new Patience(firstWord)
  try {
    for (;;) {
      const result = await patience.orGiveUp(iterator.next())
      if (result.done === true) throw emptyStream()
      const verdict = judge(result.value)
      if (verdict instanceof GatewayError) throw verdict
      if (verdict === 'nothing') continue
      seen.push(result.value)
      if (verdict === 'begun') return new Resumed(seen, iterator)
      if (verdict === 'working') patience.stop()
    }
  } catch (thrown) {
    // Not awaited: a source that waits itself would hold up whoever is asked next.
    iterator.return?.().catch(() => undefined)
    throw thrown
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

function silentStream(limitMs: number): GatewayError {
  return new GatewayError(
    'timeout',
    `The provider opened its stream and said nothing for ${limitMs / 1000} s.`,
    {
      origin: 'upstream',
      code: 'first_word_timeout',
      breakage: { cause: 'ttft_timeout', sent: 'all' },
    },
  )
}

/** Ends a wait for the first word; endless where there is no limit. */
class Patience {
  readonly #out = Promise.withResolvers<never>()
  #cancel: (() => void) | undefined

  constructor(firstWord: FirstWord | undefined) {
    this.#out.promise.catch(() => undefined)
    if (firstWord === undefined) return
    const { limitMs, timer = globalTimer } = firstWord
    this.#cancel = timer(limitMs, () => this.#out.reject(silentStream(limitMs)))
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  orGiveUp<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#out.promise])
  }
}

/** A stream that has given some items already, whole again; cancelled even when nobody starts it. */
class Resumed<T> implements AsyncIterableIterator<T> {
  #seen: T[]
  readonly #rest: AsyncIterator<T>

  constructor(seen: T[], rest: AsyncIterator<T>) {
    this.#seen = seen
    this.#rest = rest
  }

  async next(): Promise<IteratorResult<T>> {
    const event = this.#seen.shift()
    return event === undefined ? this.#rest.next() : { done: false, value: event }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#seen = []
    await this.#rest.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
