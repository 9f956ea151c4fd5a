// The vault as metrics: whether it is sealed, its generation of keys, and what in it does not open.
import type { VaultFact } from '../../exchange/facts/vault.ts'
import type { MeterMaker } from './meter-maker.ts'

export function vaultMetrics(make: MeterMaker): (fact: VaultFact) => void {
  const sealed = make.gauge('patchbay_vault_sealed', {
    help: '1 while the vault is sealed, and with it every call refused; 0 while it is open',
  })
  const generation = make.gauge('patchbay_vault_generation', {
    help: 'Which root key the vault has made, where it was changed since the start',
  })
  const refused = make.counter('patchbay_vault_secrets_refused_total', {
    help: 'Stored secrets that do not open because somebody has changed them',
  })
  const behind = make.counter('patchbay_vault_file_behind_total', {
    help: 'Times that vault.pbv could not be written after a change',
  })
  return (fact) => {
    switch (fact.type) {
      case 'vault-state':
        return sealed.set(fact.state === 'sealed' ? 1 : 0)
      case 'vault-rotated':
        return generation.set(fact.generation)
      case 'vault-secret-refused':
        return refused.inc()
      case 'vault-file-behind':
        return behind.inc()
    }
  }
}
