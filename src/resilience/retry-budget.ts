// What retries may cost a group of targets, so that a provider in trouble is not drowned in them.

export interface RetryBudgetOptions {
  /** Tokens of a full bucket. Default 500. */
  readonly capacity: number
  /** Price of an attempt after a failure. Default 14. */
  readonly transientCost: number
  /** Price of one after a refusal for now. Default 5. */
  readonly throttleCost: number
  /** What each success gives back. Default 1. */
  readonly successRefund: number
  /** Repeats at the same target under way at once, as a share of all calls under way. Default 0.2. */
  readonly ratio: number
  /** Repeats under way that are always allowed. Default 3. */
  readonly floor: number
}

export const RETRY_BUDGET: RetryBudgetOptions = {
  capacity: 500,
  transientCost: 14,
  throttleCost: 5,
  successRefund: 1,
  ratio: 0.2,
  floor: 3,
}

export type RetryDenial = 'budget' | 'ratio'

/** Where the next attempt goes: to the target that has failed, or to somebody else. */
export type RetryWay = 'same' | 'elsewhere'

/** A permission for one further attempt; must be ended once. */
export interface RetryTicket {
  readonly cost: number
  readonly way: RetryWay
}

/**
 * The bucket of one group: AWS SDKs' retry quota of 2026, with Envoy's cap on the share of retries beside it. The cap is
 * for repeats: whoever is asked instead has not failed, and all calls of a target that has just died must get there. For
 * the same reason they pay only once they have failed as well.
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions
  readonly #changed: (tokens: number) => void
  #tokens: number
  #calls = 0
  /** Of the same target. */
  #repeats = 0

  /** `changed` hears how much is left, at first too. */
  constructor(
    options: RetryBudgetOptions = RETRY_BUDGET,
    changed: (tokens: number) => void = (): void => undefined,
  ) {
    this.#options = options
    this.#changed = changed
    this.#tokens = options.capacity
    changed(this.#tokens)
  }

  get tokens(): number {
    return this.#tokens
  }

  callStarted(): void {
    this.#calls += 1
  }

  /** A call that succeeded pays a little back, and what was spent on its way: that has helped. */
  callEnded(outcome: 'succeeded' | 'other', failed: readonly RetryTicket[] = []): void {
    this.#calls -= 1
    if (outcome !== 'succeeded') return
    this.#refund(failed.reduce((sum, { cost }) => sum + cost, this.#options.successRefund))
  }

  take(why: 'transient' | 'throttle', way: RetryWay = 'same'): RetryTicket | RetryDenial {
    const { transientCost, throttleCost, ratio, floor } = this.#options
    const cost = why === 'transient' ? transientCost : throttleCost
    const most = Math.max(floor, Math.floor(this.#calls * ratio))
    if (way === 'same' && this.#repeats >= most) return 'ratio'
    if (this.#tokens < cost) return 'budget'
    if (way === 'same') {
      this.#spend(cost)
      this.#repeats += 1
    }
    return { cost, way }
  }

  /** What a retry cost comes back when it helped. */
  give({ cost, way }: RetryTicket, outcome: 'succeeded' | 'failed'): void {
    if (way === 'same') this.#repeats -= 1
    if (way === 'same' && outcome === 'succeeded') this.#refund(cost)
    if (way === 'elsewhere' && outcome === 'failed') this.#spend(cost)
  }

  #spend(tokens: number): void {
    this.#tokens = Math.max(0, this.#tokens - tokens)
    this.#changed(this.#tokens)
  }

  #refund(tokens: number): void {
    const { capacity } = this.#options
    if (this.#tokens === capacity) return
    this.#tokens = Math.min(capacity, this.#tokens + tokens)
    this.#changed(this.#tokens)
  }
}
