// LangChain.js in its previous major, against upstreams of all six protocols.
import { clientMatrix } from '../matrix.contract.ts'
import { previousChainClients } from './langchain.ts'

clientMatrix(previousChainClients)
