// Attacks on the doors of the admin.
import { adminDoorAttacks } from './entries/admin-doors.ts'
import { prove } from './prove.ts'

prove(adminDoorAttacks)
