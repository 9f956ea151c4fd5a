// Attacks on what is told, logged and counted.
import { leakAttacks } from './entries/leaks.ts'
import { prove } from './prove.ts'

prove(leakAttacks)
