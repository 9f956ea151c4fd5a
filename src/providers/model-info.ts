// A model as the facade lists it.
import { compact } from '../canonical/compact.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { BaseProvider, Locality } from './base-provider.ts'

export interface ModelInfo {
  /** `provider/name`: what clients of the server ask with. */
  readonly id: string
  /** As the provider knows it. */
  readonly name: string
  readonly provider: string
  readonly locality: Locality
  /** One line for people. */
  readonly description: string
  /** Bytes on disk, for local models. */
  readonly size?: number
  /** Such as `135M`. */
  readonly parameters?: string
  /** Tokens. */
  readonly contextWindow?: number
  /** `free` for local models; absent where it is not known. */
  readonly price?: 'free'
}

export function toModelInfo(card: ModelCard, provider: BaseProvider): ModelInfo {
  const { name: owner, locality } = provider
  return compact({
    id: `${owner}/${card.id}`,
    name: card.id,
    provider: owner,
    locality,
    description: describe(card, provider),
    size: card.sizeBytes,
    parameters: card.parameterSize,
    contextWindow: card.contextTokens,
    price: locality === 'local' ? ('free' as const) : undefined,
  })
}

function describe(card: ModelCard, provider: BaseProvider): string {
  const traits = [card.family, card.parameterSize, card.quantization, ...(card.capabilities ?? [])]
  const known = traits.filter((trait) => trait !== undefined).join(', ')
  const name = card.name ?? card.id
  return known === '' ? `${name} on ${provider.name}` : `${name} on ${provider.name} (${known})`
}
