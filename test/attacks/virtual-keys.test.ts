// Attacks with keys of clients.
import { virtualKeyAttacks } from './entries/virtual-keys.ts'
import { prove } from './prove.ts'

prove(virtualKeyAttacks)
