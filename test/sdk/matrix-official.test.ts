// The official SDKs, in their current majors, against upstreams of all six protocols.
import { officialClients } from './clients/official.ts'
import { clientMatrix } from './matrix.contract.ts'

clientMatrix(officialClients)
