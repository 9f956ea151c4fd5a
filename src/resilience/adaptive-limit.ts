// How many calls a target takes at once, learned from how soon it begins its answers: more while that stays, fewer once it does not.

export interface AdaptiveLimitOptions {
  readonly initial: number
  readonly max: number
}

/** An answer that begins up to so many times later than usual says nothing: prompts differ. */
const TOLERANCE = 2
/** At most this is kept after one late answer. */
const LEAST_KEPT = 0.5
/** What is kept after a refusal, or after no answer. */
const KEPT_AFTER_REFUSAL = 0.7
/** The usual time is that of a target that is not crowded: it follows quicker ones soon, and slower ones only where few calls were there. */
const WEIGHTS = { quicker: 0.2, slower: 0.05 } as const

export class AdaptiveLimit {
  readonly #max: number
  #limit: number
  #usualMs: number | undefined

  constructor({ initial, max }: AdaptiveLimitOptions) {
    this.#max = max
    this.#limit = Math.min(initial, max)
  }

  /** At least 1. */
  get calls(): number {
    return Math.max(1, Math.floor(this.#limit))
  }

  /** An answer has begun, with so many calls at the target when it was asked, this one too. */
  began(elapsedMs: number, inFlight: number): void {
    const usual = this.#usualMs ?? elapsedMs
    if (elapsedMs < usual) this.#follow(elapsedMs, WEIGHTS.quicker)
    else if (inFlight === 1 || inFlight * 2 <= this.calls) this.#follow(elapsedMs, WEIGHTS.slower)
    this.#usualMs ??= elapsedMs
    if (elapsedMs > TOLERANCE * usual) {
      this.#keep(Math.max(LEAST_KEPT, (TOLERANCE * usual) / elapsedMs))
      return
    }
    // Who did not use the limit learned nothing about it.
    if (inFlight < this.calls) return
    this.#limit = Math.min(this.#max, this.#limit + 1 / Math.sqrt(this.#limit))
  }

  /** The target refused for now, or did not begin. */
  refused(): void {
    this.#keep(KEPT_AFTER_REFUSAL)
  }

  #follow(elapsedMs: number, weight: number): void {
    const usual = this.#usualMs ?? elapsedMs
    this.#usualMs = usual + weight * (elapsedMs - usual)
  }

  #keep(share: number): void {
    this.#limit = Math.max(1, this.#limit * share)
  }
}
