// A stream whose beginning has been seen: early failures reject instead of hiding in the stream.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Part } from '../canonical/part.ts'

/** What may come before the first word of an answer: some providers open their stream and only then find out that they are overloaded. */
const OPENINGS: ReadonlySet<ChatEvent['type']> = new Set([
  'response-start',
  'usage-update',
  'native',
  'part-end',
  'ping',
])

/** What one item of a stream says of its beginning: nothing (`silent` is kept, `nothing` is passed over), that the answer has begun, or that it failed. */
export type Verdict = 'nothing' | 'silent' | 'begun' | GatewayError

/** The verdict on an item that carries these events: that of the first one that says anything. */
export function verdictOn(events: readonly ChatEvent[]): Verdict {
  for (const event of events) {
    if (event.type === 'error') return event.error
    if (isWord(event)) return 'begun'
  }
  return 'silent'
}

/** A role, a count, an empty part are no content: a stream that dies behind them has said nothing, and another may say it all. */
function isWord(event: ChatEvent): boolean {
  if (event.type === 'part-start') return hasWords(event.part)
  if (event.type === 'part-delta') return event.delta.kind !== 'text' || event.delta.text !== ''
  return !OPENINGS.has(event.type)
}

function hasWords(part: Part): boolean {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text !== ''
    case 'reasoning':
      return part.text !== '' || part.redacted === true
    default:
      return true
  }
}

/** As peekedAt, for events; pings before the answer are passed over. */
export async function peeked(
  steps: AsyncIterable<readonly ChatEvent[]>,
): Promise<AsyncIterable<readonly ChatEvent[]>> {
  return peekedAt(steps, {
    judge: (events) => (events.every(isPing) ? 'nothing' : verdictOn(events)),
    held: (events) => (events.some(isPing) ? events.filter((event) => !isPing(event)) : events),
  })
}

function isPing({ type }: ChatEvent): boolean {
  return type === 'ping'
}

export interface PeekOptions<T> {
  readonly judge: (item: T) => Verdict
  /** What is kept of an item from before the beginning, or of the one with it. Default: all. */
  readonly held?: (item: T) => T
}

/**
 * Waits for the first item that says something. Rejects when that fails, when it tells of an error, and when the stream
 * ends before it.
 */
export async function peekedAt<T>(
  stream: AsyncIterable<T>,
  { judge, held = (item) => item }: PeekOptions<T>,
): Promise<AsyncIterable<T>> {
  const iterator = stream[Symbol.asyncIterator]()
  const seen: T[] = []
  try {
    for (;;) {
      const result = await iterator.next()
      if (result.done === true) throw emptyStream()
      const verdict = judge(result.value)
      if (verdict instanceof GatewayError) throw verdict
      if (verdict === 'nothing') continue
      seen.push(held(result.value))
      if (verdict === 'begun') return new Resumed(seen, iterator)
    }
  } catch (thrown) {
    // Not awaited: a source that waits itself would hold up whoever is asked next.
    iterator.return?.().catch(() => undefined)
    throw thrown
  }
}

function emptyStream(): GatewayError {
  return new GatewayError('upstream', 'The provider ended its stream without an answer.', {
    origin: 'upstream',
    code: 'empty_stream',
    breakage: { cause: 'truncated', sent: 'all' },
  })
}

/** A stream that has given some items already, whole again; cancelled even when nobody starts it. */
class Resumed<T> implements AsyncIterableIterator<T> {
  #seen: T[]
  readonly #rest: AsyncIterator<T>

  constructor(seen: T[], rest: AsyncIterator<T>) {
    this.#seen = seen
    this.#rest = rest
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#seen.shift()
    return item === undefined ? this.#rest.next() : Promise.resolve({ done: false, value: item })
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
