// Attacks on the vault.
import { vaultAttacks } from './entries/vault.ts'
import { prove } from './prove.ts'

prove(vaultAttacks)
