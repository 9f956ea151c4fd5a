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
  /** Retries under way at once, as a share of all calls under way. Default 0.2. */
  readonly ratio: number
  /** Retries under way that are always allowed. Default 3. */
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

/** A permission for one further attempt; must be ended once. */
export interface RetryTicket {
  readonly cost: number
}

/** The bucket of one group: AWS SDKs' retry quota of 2026, with Envoy's cap on the share of retries beside it. */
export class RetryBudget {
  readonly #options: RetryBudgetOptions
  readonly #changed: (tokens: number) => void
  #tokens: number
  #calls = 0
  #retries = 0

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

  /** A call that succeeded without any retry pays a little back. */
  callEnded(outcome: 'succeeded' | 'other'): void {
    this.#calls -= 1
    if (outcome === 'succeeded') this.#refund(this.#options.successRefund)
  }

  take(why: 'transient' | 'throttle'): RetryTicket | RetryDenial {
    const { transientCost, throttleCost, ratio, floor } = this.#options
    const cost = why === 'transient' ? transientCost : throttleCost
    if (this.#retries >= Math.max(floor, Math.floor(this.#calls * ratio))) return 'ratio'
    if (this.#tokens < cost) return 'budget'
    this.#tokens -= cost
    this.#changed(this.#tokens)
    this.#retries += 1
    return { cost }
  }

  /** What a retry cost comes back when it helped. */
  give(ticket: RetryTicket, outcome: 'succeeded' | 'failed'): void {
    this.#retries -= 1
    if (outcome === 'succeeded') this.#refund(ticket.cost)
  }

  #refund(tokens: number): void {
    const { capacity } = this.#options
    if (this.#tokens === capacity) return
    this.#tokens = Math.min(capacity, this.#tokens + tokens)
    this.#changed(this.#tokens)
  }
}
