// Embeddings of this protocol: the contract that all share.
import fc from 'fast-check'
import { listExchanges, listUsage } from '../embedding-list.arbitrary.ts'
import { text, unknown } from '../embeddings.arbitrary.ts'
import { embeddingsContract } from '../embeddings.contract.ts'
import { mistralChat } from './dialect.ts'

embeddingsContract({
  dialect: mistralChat,
  paths: ['/v1/embeddings'],
  exchanges: listExchanges({
    path: '/v1/embeddings',
    settings: {
      output_dimension: fc.nat(3000),
      output_dtype: fc.constantFrom('float', 'new'),
      metadata: unknown,
    },
    answer: fc.record({ id: text, usage: listUsage }),
  }),
})
