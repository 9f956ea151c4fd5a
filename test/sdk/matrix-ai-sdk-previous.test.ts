// Vercel's AI SDK in its previous major, against upstreams of all six protocols.
import { previousAiClients } from './clients/ai-generations.ts'
import { clientMatrix } from './matrix.contract.ts'

clientMatrix(previousAiClients)
