// The model's memory for conversations and for embeddings: each is made when it is first needed, as few models are used for both.
import type { EmbeddingContext, Model } from './binding.ts'
import type { LoadOrder } from './protocol.ts'
import { Sequences } from './sequences.ts'

interface Conversations {
  readonly sequences: Sequences
  /** Of each sequence. */
  readonly contextTokens: number
}

interface Embeddings {
  readonly context: EmbeddingContext
  readonly contextTokens: number
}

export class Contexts {
  readonly #model: Model
  readonly #order: LoadOrder
  #conversations: Promise<Conversations> | undefined
  #embeddings: Promise<Embeddings> | undefined

  constructor(model: Model, order: LoadOrder) {
    this.#model = model
    this.#order = order
  }

  async conversations(): Promise<Conversations> {
    this.#conversations ??= this.#openConversations()
    return this.#conversations
  }

  async embeddings(): Promise<Embeddings> {
    this.#embeddings ??= this.#openEmbeddings()
    return this.#embeddings
  }

  get #contextTokens(): number {
    return Math.min(this.#order.contextTokens, this.#model.trainContextSize)
  }

  async #openConversations(): Promise<Conversations> {
    const { sequences: count, threads } = this.#order
    const contextTokens = this.#contextTokens
    const context = await this.#model.createContext({
      contextSize: contextTokens,
      sequences: count,
      threads,
    })
    const sequences = Array.from({ length: count }, () => context.getSequence())
    return { sequences: new Sequences(sequences), contextTokens }
  }

  async #openEmbeddings(): Promise<Embeddings> {
    const { threads } = this.#order
    const contextTokens = this.#contextTokens
    const context = await this.#model.createEmbeddingContext({
      contextSize: contextTokens,
      threads,
    })
    return { context, contextTokens }
  }
}
