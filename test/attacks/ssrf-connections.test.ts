// Attacks by what is connected to.
import { connectionAttacks } from './entries/ssrf-connections.ts'
import { prove } from './prove.ts'

prove(connectionAttacks)
