// Silence as a reader feels it: signs of life are no words, and a provider that sends only them is given up.
import { type After, realAfter } from '../canonical/after.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { Wait } from '../canonical/wait.ts'

export interface ContentClockOptions {
  /** Milliseconds without a word. Absent: it never runs out. */
  readonly ms: number | undefined
  /** Hears that it has run out. */
  readonly silent: (error: GatewayError) => void
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
  readonly #wait: Wait
  /** Waited since the last word. */
  #waitedMs = 0
  #startedAt: number | undefined
  /** What runs was begun before the wait that is on. */
  #isEarly = false
  #hasSpoken = false

  constructor({ ms = Infinity, silent, clock = steady, after = realAfter }: ContentClockOptions) {
    this.#ms = ms
    this.#clock = clock
    this.#wait = new Wait(after, () => {
      const leftMs = this.#isEarly ? this.#leftMs() : 0
      this.#isEarly = false
      if (leftMs > 0) this.#wait.begin(leftMs)
      else silent(this.#silent())
    })
  }

  /** Somebody waits from now on. */
  begin(): void {
    if (this.#ms === Infinity) return
    this.#startedAt = this.#clock()
    // Timers of odd lengths are dear: where less is left than the whole, the one that runs may come due early, and looks then.
    this.#isEarly = this.#waitedMs > 0 && this.#wait.goOn()
    if (!this.#isEarly) this.#wait.begin(this.#ms - this.#waitedMs)
  }

  /** Nobody waits any more. */
  end(): void {
    if (this.#startedAt === undefined) return
    this.#wait.end()
    this.#waitedMs = this.#ms - this.#leftMs()
    this.#startedAt = undefined
  }

  /** What came of the waiting. */
  hear(events: readonly ChatEvent[]): void {
    if (!events.some(({ type }) => !NO_WORDS.has(type))) return
    this.#hasSpoken = true
    this.#waitedMs = 0
  }

  close(): void {
    this.#wait.close()
  }

  #leftMs(): number {
    const now = this.#clock()
    return Math.max(0, this.#ms - this.#waitedMs - (now - (this.#startedAt ?? now)))
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
