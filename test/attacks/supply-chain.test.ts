// Attacks by what Patchbay is made of.
import { supplyAttacks } from './entries/supply-chain.ts'
import { prove } from './prove.ts'

prove(supplyAttacks)
