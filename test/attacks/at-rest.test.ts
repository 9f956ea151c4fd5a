// Attacks on what lies on the disk, and on secrets over HTTP.
import { atRestAttacks } from './entries/at-rest.ts'
import { prove } from './prove.ts'

prove(atRestAttacks)
