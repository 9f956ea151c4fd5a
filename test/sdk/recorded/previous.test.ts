// The official SDKs, in their previous majors, against recorded traffic.
import { previousClients } from '../previous/official.ts'
import { recordedExchanges } from './exchanges.contract.ts'
import { officialLimits } from './limits-official.ts'

recordedExchanges(previousClients, officialLimits)
