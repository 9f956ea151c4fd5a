// The steps of a stream and who watches them: each sees every step before it is given on, in the order in which they came to watch.
// One iterator serves all of them, so that a watcher more costs a call for each step, and no turn of its own.
import { toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { Hearing } from './hearing.ts'
import type { BytesReply, StreamReply } from './reply.ts'
import type { Steps, Watcher } from './steps.ts'

/** The same stream with one more who watches. */
export function watched(
  reply: StreamReply | BytesReply,
  watcher: Watcher,
): StreamReply | BytesReply {
  if (reply.kind === 'stream') {
    const { events } = reply
    if (events.admit?.(watcher) === true) return reply
    return { ...reply, events: new WatchedSteps(events, watcher, (step) => step) }
  }
  const { pieces } = reply
  if (pieces.admit?.(watcher) === true) return reply
  return { ...reply, pieces: new WatchedSteps(pieces, watcher, (step) => step.events) }
}

const DONE = { done: true, value: undefined } as const

class WatchedSteps<T> implements AsyncIterableIterator<T>, Steps<T> {
  readonly #steps: AsyncIterator<T>
  readonly #saidIn: (step: T) => readonly ChatEvent[]
  readonly #hearing = new Hearing()
  readonly #watchers: Watcher[]
  #hasBegun = false

  constructor(steps: AsyncIterable<T>, first: Watcher, saidIn: (step: T) => readonly ChatEvent[]) {
    this.#steps = steps[Symbol.asyncIterator]()
    this.#watchers = [first]
    this.#saidIn = saidIn
  }

  readonly admit = (watcher: Watcher): boolean => {
    if (!this.#hasBegun) this.#watchers.push(watcher)
    return !this.#hasBegun
  }

  next(): Promise<IteratorResult<T>> {
    this.#hasBegun = true
    return this.#steps.next().then(this.#show, this.#fail)
  }

  async return(): Promise<IteratorResult<T>> {
    this.#hasBegun = true
    this.#leave(this.#watchers.length)
    await this.#steps.return?.()
    return DONE
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  readonly #show = (step: IteratorResult<T>): IteratorResult<T> | Promise<IteratorResult<T>> => {
    const events = step.done === true ? undefined : this.#saidIn(step.value)
    if (events !== undefined) this.#hearing.hear(events)
    return this.#shown(step, events, 0)
  }

  /** To those from `first` on; mostly there is nothing to wait for, and then it costs no turn. */
  #shown(
    step: IteratorResult<T>,
    events: readonly ChatEvent[] | undefined,
    first: number,
  ): IteratorResult<T> | Promise<IteratorResult<T>> {
    for (let at = first; at < this.#watchers.length; at += 1) {
      try {
        const waiting = this.#watchers[at]?.see(events, this.#hearing)
        if (waiting === undefined) continue
        return waiting.then(
          () => this.#shown(step, events, at + 1),
          (thrown: unknown) => this.#cut(at, thrown),
        )
      } catch (thrown) {
        return this.#cut(at, thrown)
      }
    }
    return step
  }

  /** One of the watchers has thrown. */
  async #cut(at: number, thrown: unknown): Promise<never> {
    this.#leave(at)
    await this.#steps.return?.()
    return this.#broken(thrown, at + 1)
  }

  readonly #fail = (thrown: unknown): never => this.#broken(thrown, 0)

  #broken(thrown: unknown, first: number): never {
    const error = toGatewayError(thrown)
    for (const watcher of this.#watchers.slice(first)) watcher.failed?.(error, this.#hearing)
    throw error
  }

  /** Those before `end`, the last of them first. */
  #leave(end: number): void {
    for (let at = end - 1; at >= 0; at -= 1) this.#watchers[at]?.left?.(this.#hearing)
  }
}
