// Attacks by what requests say.
import { requestAttacks } from './entries/data-requests.ts'
import { prove } from './prove.ts'

prove(requestAttacks)
