// Money as metrics: how budgets stand, what they refused, and how the ledger fares.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import type { BudgetFact } from '../../exchange/facts/budgets.ts'
import type { MeterMaker } from './meter-maker.ts'

const NANO = 1e9

export function budgetMetrics(make: MeterMaker): (fact: BudgetFact) => void {
  const labels = ['scope', 'subject', 'period'] as const
  const spent = make.gauge('patchbay_budget_spent_usd', {
    help: 'US dollars spent of a budget in its period, of this gateway, routes and teams; those of keys are in the admin API',
    labels,
  })
  const reserved = make.gauge('patchbay_budget_reserved_usd', {
    help: 'US dollars of a budget held by calls that are not over, as above',
    labels,
  })
  const limit = make.gauge('patchbay_budget_limit_usd', {
    help: 'US dollars that a budget has in its period, as above',
    labels,
  })
  const refused = make.counter('patchbay_budget_refusals_total', {
    help: 'Attempts that a budget had no room for, by whose it is: installation, route, team or key',
    labels: ['scope'],
  })
  const overspent = make.counter('patchbay_overspend_micros_total', {
    help: 'Millionths of a US dollar that answers have cost beyond a hard budget, since they used more than was reserved for them',
  })
  const missing = make.counter('patchbay_price_unknown_total', {
    help: 'Attempts not made because a budget counts them and nobody knows their price',
    labels: ['provider'],
  })
  const settled = make.counter('patchbay_ledger_settled_total', {
    help: 'Attempts written into the ledger as over, by whose count: provider, partial, estimate, crash_estimate, cache or none',
    labels: ['source'],
  })
  const dropped = make.counter('patchbay_ledger_duplicate_dropped_total', {
    help: 'Ends of attempts that the ledger was told again, and knew',
  })
  const errors = make.counter('patchbay_ledger_write_errors_total', {
    help: 'Failures to write into the ledger, by what it was and what became of it: kept (in a file, until the database is back), refused (the call) or lost',
    labels: ['reason', 'outcome'],
  })
  const replayed = make.counter('patchbay_ledger_replayed_total', {
    help: 'Records kept in files while the database was lost that are in it now',
  })
  const recovered = make.counter('patchbay_ledger_recovered_total', {
    help: 'Attempts of gateways that died, settled by guess',
  })
  const show = ({ scope, subject, period, ...amounts }: BudgetStanding): void => {
    // There may be very many keys.
    if (scope === 'key') return
    const of = { scope, subject, period }
    spent.set(of, amounts.spentNano / NANO)
    reserved.set(of, amounts.reservedNano / NANO)
    limit.set(of, amounts.limitNano / NANO)
  }
  return (fact) => {
    switch (fact.type) {
      case 'budget-changed':
        return show(fact.standing)
      case 'budget-refused':
        return refused.inc({ scope: fact.standing.scope })
      case 'budget-overspent':
        return overspent.inc(fact.nanoUsd / 1000)
      case 'price-missing':
        return missing.inc({ provider: fact.provider })
      case 'attempt-settled':
        return fact.how === 'known' ? dropped.inc() : settled.inc({ source: fact.source })
      case 'ledger-failed':
        return errors.inc({ reason: fact.reason, outcome: fact.outcome })
      case 'ledger-replayed':
        dropped.inc(fact.known)
        return replayed.inc(fact.records)
      case 'ledger-recovered':
        return recovered.inc(fact.attempts)
    }
  }
}
