// What the log says of money: alerts of budgets, and prices and counts that are not what they should be.
import { costOfNano } from '../../canonical/cost.ts'
import type { AlertFact } from '../../exchange/facts/alerts.ts'
import type { UsageSettled } from '../../exchange/facts/attempts.ts'
import { targetName } from '../../exchange/target.ts'
import type { JsonObject } from '../../wire/json.ts'
import { printable } from './printable.ts'

interface Entry {
  readonly text: string
  readonly json: JsonObject
}

export function alertEntry(fact: AlertFact): Entry {
  switch (fact.type) {
    case 'alert-raised': {
      const { threshold, standing } = fact
      const { id, scope, subject, period } = standing
      const spent = costOfNano(standing.spentNano).usd
      const limit = costOfNano(standing.limitNano).usd
      return {
        text: `budget ${printable(id)} has passed ${threshold} %: $${spent} of $${limit} for this ${period}`,
        json: {
          event: 'budget_alert',
          budget: id,
          scope,
          subject,
          period,
          threshold_percent: threshold,
          spent_usd: spent,
          limit_usd: limit,
        },
      }
    }
    case 'alert-sent': {
      const { budget, threshold, outcome, reason } = fact
      const why = reason === undefined ? '' : `: ${printable(reason)}`
      return {
        text: `alert of budget ${printable(budget)} at ${threshold} % ${outcome}${why}`,
        json: {
          event: 'budget_alert_sent',
          budget,
          threshold_percent: threshold,
          outcome,
          ...(reason === undefined ? {} : { reason }),
        },
      }
    }
    case 'alert-failed':
      return {
        text: `an alert could not be written down: ${printable(fact.reason)}`,
        json: { event: 'budget_alert_failed', reason: fact.reason },
      }
  }
}

/** Undefined where all counts are counts, and all of the call has a price or none has. */
export function usageEntry({ id, target, unsound, cost }: UsageSettled): Entry | undefined {
  const unpriced = cost?.unpriced
  if (unsound === undefined && unpriced === undefined) return undefined
  const counts = unsound === undefined ? [] : [`counts that are none: ${unsound.join(', ')}`]
  const prices = unpriced === undefined ? [] : [`no price for: ${unpriced.join(', ')}`]
  return {
    text: `usage of ${printable(targetName(target))} has ${printable([...counts, ...prices].join('; '))}`,
    json: {
      event: 'usage_doubtful',
      request_id: id,
      ...target,
      ...(unsound === undefined ? {} : { unsound: [...unsound] }),
      ...(unpriced === undefined ? {} : { unpriced: [...unpriced] }),
    },
  }
}
