// The official SDKs, in their previous majors, against upstreams of all six protocols.
import { previousClients } from './clients/previous.ts'
import { clientMatrix } from './matrix.contract.ts'

clientMatrix(previousClients)
