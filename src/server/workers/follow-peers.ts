// Puts in force here what other workers have seen of targets and credentials, and passes on what is seen here.
import type { OwnFact } from '../../exchange/happening.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { Peers } from './peers.ts'

export function followPeers(
  peers: Pick<Peers, 'exchange'>,
  { happenings, targets, keys }: Pick<ProviderManager, 'happenings' | 'targets' | 'keys'>,
): void {
  const pass = peers.exchange((fact) => {
    follow(fact)
    happenings.tell({ type: 'heard', fact })
  })
  happenings.listen(pass)

  function follow(fact: OwnFact): void {
    switch (fact.type) {
      case 'target-state-changed':
      case 'target-cooled':
      case 'target-tried':
        targets.heard(fact)
        return
      case 'provider-found':
        targets.found(fact.provider, fact.state)
        return
      case 'credential-exhausted':
      case 'credential-quarantined':
      case 'credential-restored':
        keys.heard(fact)
        return
      default:
    }
  }
}
