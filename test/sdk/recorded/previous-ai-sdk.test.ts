// Vercel's AI SDK in its previous major, against every second recording.
import { previousAiClients } from '../previous/ai-sdk.ts'
import { everySecond, recordedExchanges } from './exchanges.contract.ts'
import { previousAiLimits } from './limits-previous-ai-sdk.ts'

recordedExchanges(previousAiClients, previousAiLimits, everySecond)
