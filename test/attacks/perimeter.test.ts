// Attacks by how a request is addressed.
import { perimeterAttacks } from './entries/perimeter.ts'
import { prove } from './prove.ts'

prove(perimeterAttacks)
