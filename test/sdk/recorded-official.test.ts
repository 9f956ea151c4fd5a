// The official SDKs, in their current majors, against upstreams that play the recorded traffic of real providers.
import { officialClients } from './clients/official.ts'
import { recordedExchanges } from './recorded.contract.ts'

recordedExchanges(officialClients)
