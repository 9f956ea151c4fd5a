// Embeddings of this protocol: the contract that all share.
import fc from 'fast-check'
import { listExchanges, listUsage } from '../embedding-list.arbitrary.ts'
import { some, text } from '../embeddings.arbitrary.ts'
import { embeddingsContract } from '../embeddings.contract.ts'
import { openaiChat } from './dialect.ts'

embeddingsContract({
  dialect: openaiChat,
  paths: ['/v1/embeddings', '/embeddings'],
  exchanges: listExchanges({
    path: '/v1/embeddings',
    settings: { dimensions: fc.nat(3000), user: text },
    answer: some({ usage: listUsage }),
  }),
})
