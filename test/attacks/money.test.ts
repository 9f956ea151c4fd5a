// Attacks on money.
import { moneyAttacks } from './entries/money.ts'
import { prove } from './prove.ts'

prove(moneyAttacks)
