// Attacks on the process.
import { processAttacks } from './entries/process.ts'
import { prove } from './prove.ts'

prove(processAttacks)
