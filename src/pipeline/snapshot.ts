// What names mean for calls of the library: everything that is registered may be used, and there are no aliases.
import { compact } from '../canonical/compact.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { Choice } from '../exchange/choice.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import type { ProviderManager } from '../providers/manager.ts'
import { choiceOf } from '../routing/choice.ts'
import { type ModelSnapshot, listsNeeded } from '../routing/resolve.ts'
import type { Route } from '../routing/route.ts'

/** The list of a provider's models; undefined where it cannot be had. */
export type CardsOf = (provider: BaseProvider) => Promise<readonly ModelCard[] | undefined>

/** Asks nobody outside. */
export const knownCards: CardsOf = async (provider) => provider.knownModels()

/** Asks for lists that are not known. */
export function askedCards(signal: AbortSignal): CardsOf {
  return async (provider) => {
    try {
      return (await provider.knownModels()) ?? (await provider.describeModels(signal))
    } catch {
      return undefined
    }
  }
}

export async function snapshotOf(
  manager: ProviderManager,
  cardsOf: CardsOf,
): Promise<ModelSnapshot> {
  const providers = await Promise.all(
    manager.listProviders().map(async (provider) => {
      const { name, enabled, config } = provider
      const models = (await cardsOf(provider))?.map(({ id }) => id)
      return compact({ name, enabled, models, defaultModel: config.defaultModel })
    }),
  )
  return compact({ providers, aliases: {}, defaultProvider: manager.defaultName })
}

/** The targets of a route; only lists that decide what their names mean are asked for. */
export async function choiceIn(
  manager: ProviderManager,
  route: Route,
  cardsOf: CardsOf,
): Promise<Choice> {
  const plain = await snapshotOf(manager, async () => undefined)
  const needed = new Set(route.targets.flatMap(({ model }) => listsNeeded(model, plain)))
  const cards: CardsOf = async (provider) =>
    provider.enabled && needed.has(provider.name) ? cardsOf(provider) : undefined
  return choiceOf(route, await snapshotOf(manager, cards))
}
