// In which words a protocol has the embeddings that OpenAI brought up.
import type { Leftovers } from './leftovers.ts'

export interface EmbeddingListWords {
  readonly dialect: string
  readonly leftovers: Leftovers
  /** The wire's names for settings; absent: it has none. */
  readonly dimensions: string
  readonly vectorType?: string
  readonly user?: string
  /** Whether its strict clients need an id and counts in every answer. */
  readonly strictClients: boolean
}
