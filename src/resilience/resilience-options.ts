// Every number of the resilience of calls, in one place for who sets them.
import type { BackoffOptions } from './backoff.ts'
import type { HoldOptions } from './credential-hold.ts'
import type { RetryBudgetOptions } from './retry-budget.ts'
import type { TargetHealthOptions } from './target-health.ts'

/** What is left out has its default. */
export interface ResilienceOptions {
  /** Most attempts of one call, over all its targets. Default 3. */
  readonly maxAttempts?: number
  /** Milliseconds that a call may take as a whole, where nobody says less. Default 900000. */
  readonly timeoutMs?: number
  readonly backoff?: Partial<BackoffOptions>
  readonly budget?: Partial<RetryBudgetOptions>
  readonly breaker?: Partial<TargetHealthOptions>
  readonly credentials?: Partial<HoldOptions>
}
