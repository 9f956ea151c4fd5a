// /embeddings, as OpenAI and the hosts that follow it have it.
import { embeddingList } from '../embedding-list.ts'
import type { EmbeddingsCodec } from '../embeddings.ts'
import { leftovers } from './extension.ts'
import { OPENAI_CHAT } from './wire-types.ts'

export const embeddings: EmbeddingsCodec = embeddingList({
  dialect: OPENAI_CHAT,
  leftovers,
  dimensions: 'dimensions',
  user: 'user',
  strictClients: false,
})
