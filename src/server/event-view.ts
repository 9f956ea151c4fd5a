// What of all that happens is an event for whoever looks after the server, and how it reads. No request is told, no body, no key.
import { compact } from '../canonical/compact.ts'
import type { Happening } from '../exchange/happening.ts'
import type { JsonObject } from '../wire/json.ts'

export interface EventView {
  readonly name: string
  readonly data: JsonObject
}

/** Undefined for what each call goes through: metrics count it, and the log has it. */
export function eventView(fact: Happening): EventView | undefined {
  switch (fact.type) {
    case 'target-state-changed': {
      const { target, from, to, reason, waitMs } = fact
      return { name: fact.type, data: compact({ ...target, from, to, reason, wait_ms: waitMs }) }
    }
    case 'target-cooled':
      return { name: fact.type, data: { ...fact.target, for_ms: Math.round(fact.forMs) } }
    case 'panic-changed':
      return { name: fact.type, data: { ...fact.target, panics: fact.panics } }
    case 'key-checked':
      return { name: fact.type, data: { provider: fact.provider, standing: fact.standing } }
    case 'drain-started':
      return { name: fact.type, data: { calls: fact.calls } }
    case 'limiter-backend':
      return { name: fact.type, data: compact({ state: fact.state, reason: fact.reason }) }
    default:
      return undefined
  }
}
