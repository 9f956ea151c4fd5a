// The official SDKs, in their previous majors, against upstreams of all six protocols.
import { clientMatrix } from '../matrix.contract.ts'
import { previousClients } from './official.ts'

clientMatrix(previousClients)
