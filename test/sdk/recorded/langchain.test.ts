// LangChain.js with the chat models of all its protocols, against every second recording.
import { chainClients } from '../clients/langchain-current.ts'
import { everySecond, recordedExchanges } from './exchanges.contract.ts'
import { chainLimits } from './limits-langchain.ts'

recordedExchanges(chainClients, chainLimits, everySecond)
