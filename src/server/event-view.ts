// What of all that happens is an event for whoever looks after the server, and how it reads. No request is told, no body, no key.
import type { BudgetStanding } from '../canonical/budget-standing.ts'
import { compact } from '../canonical/compact.ts'
import { costOfNano } from '../canonical/cost.ts'
import type { Happening } from '../exchange/happening.ts'
import type { JsonObject } from '../wire/json.ts'

export interface EventView {
  readonly name: string
  readonly data: JsonObject
}

function credentialView(
  fact: Extract<Happening, { readonly type: `credential-${string}` }>,
): JsonObject {
  const { provider, credential, generation } = fact
  const more = compact({
    reason: 'reason' in fact ? fact.reason : undefined,
    model: 'model' in fact ? fact.model : undefined,
    for_ms: 'forMs' in fact ? fact.forMs : undefined,
    by: 'by' in fact ? fact.by : undefined,
  })
  return { provider, credential, generation, ...more }
}

function standingView(standing: BudgetStanding): JsonObject {
  const { id, scope, subject, period, limitNano, spentNano } = standing
  const limit = costOfNano(limitNano).usd
  return {
    budget: id,
    scope,
    subject,
    period,
    limit_usd: limit,
    spent_usd: costOfNano(spentNano).usd,
  }
}

/** Undefined for what each call goes through: metrics count it, and the log has it. */
export function eventView(fact: Happening): EventView | undefined {
  switch (fact.type) {
    case 'target-state-changed': {
      const { target, from, to, reason, waitMs } = fact
      return { name: fact.type, data: compact({ ...target, from, to, reason, wait_ms: waitMs }) }
    }
    case 'heard':
      return eventView(fact.fact)
    case 'worker-ended':
      return { name: fact.type, data: { worker: fact.rank, restarts: fact.restarts } }
    case 'target-cooled':
      return { name: fact.type, data: { ...fact.target, for_ms: Math.round(fact.forMs) } }
    case 'panic-changed':
      return { name: fact.type, data: { ...fact.target, panics: fact.panics } }
    case 'key-checked':
      return { name: fact.type, data: { provider: fact.provider, standing: fact.standing } }
    case 'credential-exhausted':
    case 'credential-quarantined':
    case 'credential-replaced':
    case 'credential-restored':
      return { name: fact.type, data: credentialView(fact) }
    case 'config-reloaded': {
      const { result, generation, error } = fact
      return { name: fact.type, data: compact({ result, generation, reason: error?.message }) }
    }
    case 'drain-started':
      return { name: fact.type, data: { calls: fact.calls } }
    case 'store-state':
      return { name: fact.type, data: compact({ state: fact.state, failure: fact.failure }) }
    case 'alert-raised':
      return {
        name: fact.type,
        data: { threshold: fact.threshold, ...standingView(fact.standing) },
      }
    case 'ledger-recovered':
      return { name: fact.type, data: { attempts: fact.attempts } }
    case 'ledger-replayed':
      return { name: fact.type, data: { records: fact.records, known: fact.known } }
    case 'budget-overspent': {
      const { scope, subject, period } = fact.standing
      return { name: fact.type, data: { scope, subject, period, nano_usd: fact.nanoUsd } }
    }
    case 'limiter-backend':
      return { name: fact.type, data: compact({ state: fact.state, reason: fact.reason }) }
    case 'vault-state':
      return { name: fact.type, data: compact({ state: fact.state, reason: fact.reason }) }
    case 'vault-rotated':
      return { name: fact.type, data: { generation: fact.generation } }
    case 'vault-secret-refused':
      return { name: fact.type, data: { secret: fact.key } }
    default:
      return undefined
  }
}
