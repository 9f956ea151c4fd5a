// The chunks of one streamed answer, pulled, and waited for only as long as the answer needs them.
import { type After, realAfter } from '../canonical/after.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { Wait } from '../canonical/wait.ts'
import type { TransportResponse } from '../transport/transport.ts'
import { ContentClock } from './content-clock.ts'
import { Pulled } from './pulled.ts'

export interface ChunkSource {
  readonly response: TransportResponse
  /** Milliseconds without a word after which it is given up. Default: no end. */
  readonly contentMs?: number
  /** Default: the real one. */
  readonly after?: After
}

/** What may still follow an answer that is whole: usage, and the wire's own end. In milliseconds. */
const GRACE_MS = 2000

/**
 * One chunk at a time becomes one step, or none. Once the answer is whole, what follows gets two seconds, and a failure is no
 * failure of the answer: it ends then, and the upstream is left.
 */
export abstract class PulledChunks<T> extends Pulled<T> {
  readonly #response: TransportResponse
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #clock: ContentClock
  readonly #grace: Wait
  /** Set where the answer was whole when the next chunk was asked for. */
  #isWhole = false

  constructor({ response, contentMs, after = realAfter }: ChunkSource) {
    super()
    this.#response = response
    this.#chunks = response.body[Symbol.asyncIterator]()
    this.#clock = new ContentClock({
      ms: contentMs,
      silent: (error) => this.#failed(error),
      after,
    })
    this.#grace = new Wait(after, () => this.#late())
  }

  /** Gives what a chunk makes. */
  protected abstract take(chunk: Uint8Array): void

  /** Nothing more comes; `cut` where what came last may not be whole. */
  protected abstract end(how: 'ended' | 'cut'): void

  /** Gives what tells of the failure. */
  protected abstract fail(thrown: unknown): void

  /** Whether the answer is whole, and what follows is bookkeeping. */
  protected abstract get isComplete(): boolean

  /** Whether it is known what is said. */
  protected abstract get isHeard(): boolean

  /** What was said, for the clock of silence. */
  protected hear(events: readonly ChatEvent[]): void {
    this.#clock.hear(events)
  }

  protected override cancel(): void {
    this.#stop()
    this.#response.cancel()
  }

  protected override pull(): void {
    this.#isWhole = this.isComplete
    this.#chunks.next().then(this.#came, this.#broke)
    if (this.#isWhole) this.#grace.begin(GRACE_MS)
    // Where nothing is understood, any byte may be a word.
    if (this.isHeard) this.#clock.begin()
  }

  readonly #came = (chunk: IteratorResult<Uint8Array>): void => {
    if (this.over) return
    this.#clock.end()
    this.#grace.end()
    try {
      if (chunk.done === true) this.#ended('ended')
      else this.take(chunk.value)
    } catch (thrown) {
      return this.#failed(thrown)
    }
    this.#went()
  }

  readonly #broke = (thrown: unknown): void => {
    if (this.over) return
    if (!this.#isWhole) return this.#failed(thrown)
    this.#late()
  }

  /** What the answer did not need, and did not get whole, is not read. */
  #late(): void {
    if (this.over) return
    this.#chunks.return?.().catch(() => undefined)
    try {
      this.#ended('cut')
    } catch (thrown) {
      return this.#failed(thrown)
    }
    this.#went()
  }

  #ended(how: 'ended' | 'cut'): void {
    this.end(how)
    this.over = true
  }

  #failed(thrown: unknown): void {
    if (this.over) return
    this.over = true
    this.fail(thrown)
    this.#response.cancel()
    this.#went()
  }

  #went(): void {
    if (this.over) this.#stop()
    this.came()
  }

  #stop(): void {
    this.#clock.close()
    this.#grace.close()
  }
}
