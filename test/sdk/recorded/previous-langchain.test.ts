// LangChain.js in its previous major, against every second recording.
import { previousChainClients } from '../previous/langchain.ts'
import { everySecond, recordedExchanges } from './exchanges.contract.ts'
import { previousChainLimits } from './limits-previous-langchain.ts'

recordedExchanges(previousChainClients, previousChainLimits, everySecond)
