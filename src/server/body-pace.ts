// How fast a request body must come: every byte buys time, and a pause may not be long.
import type { GatewayError } from '../canonical/errors.ts'
import type { ClientPatience } from '../config/client-patience.ts'
import type { After } from './message.ts'

export interface BodyPaceOptions {
  readonly after: After
  readonly patience: Pick<ClientPatience, 'bodyGraceMs' | 'bodyMinRate' | 'bodyPauseMs'>
  /** What the signal aborts with. */
  readonly tooSlow: () => GatewayError
}

export class BodyPace {
  readonly #options: BodyPaceOptions
  readonly #limit = new AbortController()
  #bytes = 0
  /** Milliseconds that the bytes so far have paid for. */
  #paid = 0
  #stopRate: () => void
  #stopPause: () => void

  constructor(options: BodyPaceOptions) {
    this.#options = options
    this.#stopRate = this.#granted(options.patience.bodyGraceMs)
    this.#stopPause = this.#pausing()
  }

  /** Aborts once the body is too slow. */
  get signal(): AbortSignal {
    return this.#limit.signal
  }

  came(bytes: number): void {
    this.#bytes += bytes
    this.#stopPause()
    this.#stopPause = this.#pausing()
  }

  end(): void {
    this.#stopRate()
    this.#stopPause()
  }

  #granted(milliseconds: number): () => void {
    return this.#options.after(milliseconds, () => {
      const worth = (this.#bytes / this.#options.patience.bodyMinRate) * 1000
      const more = worth - this.#paid
      if (more < 1) return this.#abort()
      this.#paid = worth
      this.#stopRate = this.#granted(more)
    })
  }

  #pausing(): () => void {
    return this.#options.after(this.#options.patience.bodyPauseMs, () => this.#abort())
  }

  #abort(): void {
    this.#limit.abort(this.#options.tooSlow())
  }
}
