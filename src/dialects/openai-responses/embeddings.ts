// /embeddings of a provider that is asked by this protocol: OpenAI has one beside it. Clients find it at Chat Completions.
import { embeddingList } from '../embedding-list.ts'
import type { EmbeddingsCodec } from '../embeddings.ts'
import { leftovers } from './extension.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

export const embeddings: EmbeddingsCodec = embeddingList({
  dialect: OPENAI_RESPONSES,
  leftovers,
  dimensions: 'dimensions',
  user: 'user',
  strictClients: false,
})
