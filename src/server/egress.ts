// The outgoing ways of a gateway: what its configuration lets be reached, as it is in force now.
import type { PatchbayConfig } from '../config/schema.ts'
import { type EgressRules, NO_RULES } from '../transport/egress.ts'

type Given = PatchbayConfig['egress']

/** The same object as long as the configuration says the same. */
export function egressOf(config: () => Pick<PatchbayConfig, 'egress'>): () => EgressRules {
  let given: Given
  let rules = NO_RULES
  return () => {
    const { egress } = config()
    if (egress === given) return rules
    given = egress
    rules = { ...NO_RULES, ...egress }
    return rules
  }
}
