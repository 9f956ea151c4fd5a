// Alerts as facts: that a budget has passed a threshold, and how telling it fares.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'

/** Once for each threshold and period, whichever gateway saw it. */
interface AlertRaised {
  readonly type: 'alert-raised'
  /** Percent of the budget. */
  readonly threshold: number
  readonly standing: BudgetStanding
}

interface AlertSent {
  readonly type: 'alert-sent'
  readonly budget: string
  readonly threshold: number
  /** `retried`: it will be tried again. `given-up`: nobody hears of it but the log. */
  readonly outcome: 'delivered' | 'retried' | 'given-up'
  readonly reason?: string
}

/** It could not be written down, so that nobody may hear of it. */
interface AlertFailed {
  readonly type: 'alert-failed'
  readonly reason: string
}

export type AlertFact = AlertFailed | AlertRaised | AlertSent
