// Alerts as metrics: how many were raised, and how telling them fares.
import type { AlertFact } from '../../exchange/facts/alerts.ts'
import type { MeterMaker } from './meter-maker.ts'

export function alertMetrics(make: MeterMaker): (fact: AlertFact) => void {
  const raised = make.counter('patchbay_budget_alerts_total', {
    help: 'Thresholds that budgets have passed, each once a period, by whose the budget is',
    labels: ['scope'],
  })
  const sent = make.counter('patchbay_budget_alert_deliveries_total', {
    help: 'What became of telling a webhook: delivered, retried, given-up, or failed where the alert could not be written down',
    labels: ['outcome'],
  })
  return (fact) => {
    switch (fact.type) {
      case 'alert-raised':
        return raised.inc({ scope: fact.standing.scope })
      case 'alert-sent':
        return sent.inc({ outcome: fact.outcome })
      case 'alert-failed':
        return sent.inc({ outcome: 'failed' })
    }
  }
}
