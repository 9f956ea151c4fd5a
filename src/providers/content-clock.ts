// Silence as a reader feels it: signs of life are no words, and a provider that sends only them is given up.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { type After, realAfter } from '../canonical/after.ts'

export interface ContentClockOptions {
  /** Milliseconds without a word. Absent: it never runs out. */
  readonly ms: number | undefined
  /** Milliseconds, steady. */
  readonly clock?: () => number
  readonly after?: After
}

const NO_WORDS: ReadonlySet<ChatEvent['type']> = new Set(['ping', 'response-start', 'usage-update'])

const steady = (): number => performance.now()

/** Runs only while somebody waits for the provider, so that a slow reader is not taken for a silent one. */
export class ContentClock {
  readonly #ms: number
  readonly #clock: () => number
  readonly #after: After
  /** Waited since the last word. */
  #waitedMs = 0
  #hasSpoken = false

  constructor({ ms = Infinity, clock = steady, after = realAfter }: ContentClockOptions) {
    this.#ms = ms
    this.#clock = clock
    this.#after = after
  }

  /** The work, or a rejection once all the waiting since the last word is too much. */
  async during<T>(work: Promise<T>): Promise<T> {
    if (this.#ms === Infinity) return work
    const startedAt = this.#clock()
    const out = Promise.withResolvers<never>()
    const callOff = this.#after(this.#ms - this.#waitedMs, () => out.reject(this.#silent()))
    try {
      return await Promise.race([work, out.promise])
    } finally {
      callOff()
      this.#waitedMs += this.#clock() - startedAt
    }
  }

  /** What came of the waiting. */
  hear(events: readonly ChatEvent[]): void {
    if (!events.some(({ type }) => !NO_WORDS.has(type))) return
    this.#hasSpoken = true
    this.#waitedMs = 0
  }

  #silent(): GatewayError {
    const seconds = this.#ms / 1000
    return new GatewayError(
      'timeout',
      this.#hasSpoken
        ? `The answer stopped: nothing but signs of life within ${seconds} s.`
        : `No word within ${seconds} s, nothing but signs of life.`,
      {
        origin: 'upstream',
        code: 'content_timeout',
        breakage: { cause: this.#hasSpoken ? 'idle_timeout' : 'ttft_timeout', sent: 'all' },
      },
    )
  }
}
