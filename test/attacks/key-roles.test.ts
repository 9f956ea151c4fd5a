// Attacks with keys of admins.
import { keyRoleAttacks } from './entries/key-roles.ts'
import { prove } from './prove.ts'

prove(keyRoleAttacks)
