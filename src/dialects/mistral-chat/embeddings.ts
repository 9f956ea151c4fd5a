// Mistral's /embeddings: OpenAI's list, with words of its own and a client that refuses an answer without an id.
import { embeddingList } from '../embedding-list.ts'
import type { EmbeddingsCodec } from '../embeddings.ts'
import { leftovers } from './extension.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

export const embeddings: EmbeddingsCodec = embeddingList({
  dialect: MISTRAL_CHAT,
  leftovers,
  dimensions: 'output_dimension',
  vectorType: 'output_dtype',
  strictClients: true,
})
