// Attacks by the addresses of providers.
import { addressAttacks } from './entries/ssrf-addresses.ts'
import { prove } from './prove.ts'

prove(addressAttacks)
