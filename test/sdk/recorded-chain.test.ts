// LangChain.js.
import { chainClients } from './clients/langchain-models.ts'
import { recordedExchanges } from './recorded.contract.ts'

recordedExchanges(chainClients)
