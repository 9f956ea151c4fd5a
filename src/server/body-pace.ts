// How fast a request body must come: every byte buys time, and a pause may not be long.
import type { ClientPatience } from '../config/client-patience.ts'
import type { After } from './message.ts'

export interface BodyPaceOptions {
  readonly after: After
  readonly patience: Pick<ClientPatience, 'bodyGraceMs' | 'bodyMinRate' | 'bodyPauseMs'>
  /** Hears, once, of a body that is too slow. */
  readonly tooSlow: () => void
}

export class BodyPace {
  readonly #options: BodyPaceOptions
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
      if (more < 1) return this.#giveUp()
      this.#paid = worth
      this.#stopRate = this.#granted(more)
    })
  }

  #pausing(): () => void {
    return this.#options.after(this.#options.patience.bodyPauseMs, () => this.#giveUp())
  }

  #giveUp(): void {
    this.end()
    this.#options.tooSlow()
  }
}
