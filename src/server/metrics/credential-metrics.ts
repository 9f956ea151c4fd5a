// Credentials of providers as metrics, by their public labels.
import type { Happening } from '../../exchange/happening.ts'
import type { MeterMaker } from './meter-maker.ts'

/** The facts that are about credentials. */
export type CredentialFact = Extract<Happening, { readonly type: `credential-${string}` }>

export function credentialMetrics(make: MeterMaker): (fact: CredentialFact) => void {
  const quarantined = make.counter('patchbay_credential_quarantined_total', {
    help: 'Credentials no longer used because their provider refused them, by why',
    labels: ['provider', 'credential', 'reason'],
  })
  const exhausted = make.counter('patchbay_credential_exhausted_total', {
    help: 'Credentials left alone for a while because their quota is used up',
    labels: ['provider', 'credential'],
  })
  const restored = make.counter('patchbay_credential_restored_total', {
    help: 'Credentials used again, by whose word: operator or probe',
    labels: ['provider', 'credential', 'by'],
  })
  const generation = make.gauge('patchbay_credential_generation', {
    help: 'How many keys a credential has had, where that is known to have changed',
    labels: ['provider', 'credential'],
  })
  return (fact) => {
    const { provider, credential } = fact
    switch (fact.type) {
      case 'credential-quarantined':
        return quarantined.inc({ provider, credential, reason: fact.reason })
      case 'credential-exhausted':
        return exhausted.inc({ provider, credential })
      case 'credential-restored':
        return restored.inc({ provider, credential, by: fact.by })
      case 'credential-replaced':
        return generation.set({ provider, credential }, fact.generation)
    }
  }
}
