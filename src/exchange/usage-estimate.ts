// A guess at what a call uses, for answers whose provider does not say it.
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { Usage } from '../canonical/usage.ts'
import type { Exchange } from './exchange.ts'

export interface UsageEstimate {
  /** Hears everything that is said, as it comes. */
  hear(event: ChatEvent): void
  /** Or an answer that is there as a whole. */
  read(response: ChatResponse): void
  /** `told` with what it lacks guessed, and marked so where that was needed. */
  of(told: Usage | undefined): Usage
}

export type Estimating = (exchange: Exchange) => UsageEstimate
