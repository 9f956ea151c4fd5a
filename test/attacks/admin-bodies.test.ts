// Attacks by what is said to the doors of the admin.
import { adminBodyAttacks } from './entries/admin-bodies.ts'
import { prove } from './prove.ts'

prove(adminBodyAttacks)
