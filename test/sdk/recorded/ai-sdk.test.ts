// Vercel's AI SDK with the providers of all its protocols, against every second recording.
import { aiClients } from '../clients/ai-current.ts'
import { everySecond, recordedExchanges } from './exchanges.contract.ts'
import { aiLimits } from './limits-ai-sdk.ts'

recordedExchanges(aiClients, aiLimits, everySecond)
