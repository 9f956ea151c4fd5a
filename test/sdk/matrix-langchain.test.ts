// LangChain.js with the chat models of all its protocols, against upstreams of all six.
import { chainClients } from './clients/langchain-current.ts'
import { clientMatrix } from './matrix.contract.ts'

clientMatrix(chainClients)
