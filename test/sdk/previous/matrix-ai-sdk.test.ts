// Vercel's AI SDK in its previous major, against upstreams of all six protocols.
import { clientMatrix } from '../matrix.contract.ts'
import { previousAiClients } from './ai-sdk.ts'

clientMatrix(previousAiClients)
