// The previous majors and the AI SDK, against upstreams that play recorded traffic.
import { aiClients } from './clients/ai-generations.ts'
import { previousClients } from './clients/previous.ts'
import { recordedExchanges } from './recorded.contract.ts'

recordedExchanges([...previousClients, ...aiClients])
