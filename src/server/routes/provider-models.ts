// What the providers offer and how they are: models and health, for whoever may chat with them.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ModelCard } from '../../canonical/model-card.ts'
import type { BaseProvider } from '../../providers/base-provider.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { TargetHealth } from '../../resilience/target-health.ts'
import type { JsonObject } from '../../wire/json.ts'
import { keyNeeded, mayAskFor, mayUse } from '../auth.ts'
import { asNotAllowed } from '../keys/not-allowed.ts'
import { jsonAnswer } from '../message.ts'
import type { ModelDirectory } from '../model-directory.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { credentialsView } from './credentials.ts'
import { limitsView } from './limits-view.ts'
import { healthView } from './provider-view.ts'
import { byProvider, health, model } from './schemas.ts'
import { targetsView } from './standing-view.ts'

const GROUP = 'providers'

export interface ProviderModelsOptions {
  readonly manager: ProviderManager
  readonly directory: ModelDirectory
  readonly targets: TargetHealth
}

export function providerModelRoutes(options: ProviderModelsOptions): readonly Route[] {
  return [modelsRoute(options), allModelsRoute(options), healthRoute(options)]
}

function modelsRoute({ manager, directory }: ProviderModelsOptions): Route {
  return {
    method: 'GET',
    path: '/api/providers/:name/models',
    access: 'known',
    endpoint: 'models',
    writeError: writePlainError,
    description: {
      summary: 'List the models of one provider',
      group: GROUP,
      response: z.object({ provider: z.string(), models: z.array(model) }),
    },
    handle: async (call) => {
      const provider = providerFor(call, manager)
      assertEnabled(provider)
      const cards = await directory.listOf(provider)
      if (cards === undefined) {
        throw new GatewayError(
          'upstream',
          `The provider "${provider.name}" could not list its models. See its health for the reason.`,
          { code: 'models_not_listed' },
        )
      }
      const models = askable(call, provider, cards).map((card) => modelView(card))
      return jsonAnswer({ provider: provider.name, models })
    },
  }
}

function allModelsRoute({ manager, directory }: ProviderModelsOptions): Route {
  return {
    method: 'GET',
    path: '/api/providers/models',
    access: 'known',
    endpoint: 'models',
    writeError: writePlainError,
    description: {
      summary: 'List the models of all providers; one that cannot be asked has an empty list',
      group: GROUP,
      response: byProvider(z.array(model)),
    },
    handle: async (call) => {
      const lists = await Promise.all(
        reachable(manager, call)
          .filter((provider) => provider.enabled)
          .map(async (provider): Promise<[string, readonly JsonObject[]]> => {
            const cards = (await directory.listOf(provider)) ?? []
            return [provider.name, askable(call, provider, cards).map((card) => modelView(card))]
          }),
      )
      return jsonAnswer({ providers: Object.fromEntries(lists) })
    },
  }
}

function healthRoute({ manager, targets }: ProviderModelsOptions): Route {
  return {
    method: 'GET',
    path: '/api/providers/health',
    access: 'known',
    endpoint: 'models',
    writeError: writePlainError,
    description: {
      summary: 'Check all providers at once; no check costs anything',
      group: GROUP,
      response: byProvider(health),
    },
    handle: async (call) => {
      const names = new Set(reachable(manager, call).map((provider) => provider.name))
      await manager.healthCheckAll()
      const reports = manager
        .getStatus()
        .providers.filter((status) => names.has(status.name))
        .map((status) => [
          status.name,
          status.health === undefined
            ? null
            : compact({
                ...healthView(status.health),
                limits: limitsView(status),
                targets: targetsView(targets, status.name, (target) =>
                  mayAskFor(call.caller, target),
                ),
                credentials: credentialsView(manager, status.name),
              }),
        ])
      return jsonAnswer({ providers: Object.fromEntries(reports) })
    },
  }
}

/** The provider that the path names. Throws where it is not there, or out of the caller's reach. */
function providerFor({ params, caller }: Call, manager: ProviderManager): BaseProvider {
  const { name = '' } = params
  try {
    const provider = manager.getProvider(name)
    if (mayUse(caller, provider)) return provider
    throw keyNeeded(caller, `The provider "${provider.name}" answers nobody without a key.`)
  } catch (thrown) {
    throw asNotAllowed(thrown, name, caller)
  }
}

/** Of a provider's models those that the caller may use. */
function askable(
  { caller }: Call,
  { name: provider }: BaseProvider,
  cards: readonly ModelCard[],
): readonly ModelCard[] {
  return cards.filter(({ id }) => mayAskFor(caller, { provider, model: id }))
}

function reachable(manager: ProviderManager, call: Call): readonly BaseProvider[] {
  return manager.listProviders().filter((provider) => mayUse(call.caller, provider))
}

function assertEnabled(provider: BaseProvider): void {
  const reason = provider.disabledReason
  if (reason !== undefined) {
    throw new GatewayError('permission', reason, { code: 'provider_disabled' })
  }
}

function modelView(card: ModelCard): JsonObject {
  return compact({
    id: card.id,
    name: card.name,
    context_tokens: card.contextTokens,
    max_output_tokens: card.maxOutputTokens,
    size_bytes: card.sizeBytes,
    parameter_size: card.parameterSize,
    capabilities: card.capabilities,
  })
}
