// Vercel's AI SDK with the providers of all its protocols, against upstreams of all six.
import { aiClients } from './clients/ai-current.ts'
import { clientMatrix } from './matrix.contract.ts'

clientMatrix(aiClients)
