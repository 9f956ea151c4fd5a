// The official SDKs, in their current majors, against upstreams that play the recorded traffic of real providers.
import { officialClients } from '../clients/official.ts'
import { recordedExchanges } from './exchanges.contract.ts'
import { officialLimits } from './limits-official.ts'

recordedExchanges(officialClients, officialLimits)
