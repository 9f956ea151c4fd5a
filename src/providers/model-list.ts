// The models of one provider: what it lists, kept for a while, with what its config adds.
import type { ModelCard } from '../canonical/model-card.ts'

export interface ModelListOptions {
  /** Names from the config, in its order. */
  readonly configured: readonly string[]
  readonly clock: () => number
  readonly list: (signal?: AbortSignal) => Promise<readonly ModelCard[]>
}

/** Milliseconds that a list is good for. */
const FRESH_MS = 60_000

export class ModelList {
  readonly #options: ModelListOptions
  #known: { readonly cards: readonly ModelCard[]; readonly atMs: number } | undefined

  constructor(options: ModelListOptions) {
    this.#options = options
  }

  /** Configured models come first. When the provider cannot list, what it last listed stands; it never did, they are the list; without any, the failure is thrown. */
  async cards(signal?: AbortSignal): Promise<readonly ModelCard[]> {
    const { configured } = this.#options
    const listed = await this.#listed(signal).catch((error: unknown) => {
      if (this.#known !== undefined) return this.#known.cards
      if (configured.length === 0) throw error
      return []
    })
    const byId = new Map(listed.map((card) => [card.id, card]))
    const first = configured.map((id) => byId.get(id) ?? { id })
    return [...first, ...listed.filter((card) => !configured.includes(card.id))]
  }

  /** What it last listed, be it no longer fresh; asks nobody. */
  get remembered(): readonly ModelCard[] {
    return this.#known?.cards ?? []
  }

  /** It has been listed for another reason. */
  remember(cards: readonly ModelCard[]): void {
    this.#known = { cards, atMs: this.#options.clock() }
  }

  async #listed(signal?: AbortSignal): Promise<readonly ModelCard[]> {
    const { clock, list } = this.#options
    if (this.#known !== undefined && clock() - this.#known.atMs < FRESH_MS) return this.#known.cards
    const cards = await list(signal)
    this.remember(cards)
    return cards
  }
}
