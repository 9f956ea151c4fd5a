// Attacks that use the gateway up.
import { connectionFloods } from './entries/dos-connections.ts'
import { prove } from './prove.ts'

prove(connectionFloods)
