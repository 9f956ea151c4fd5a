// What models cost, and who says so.
import { z } from 'zod'
import { GatewayError } from '../../canonical/errors.ts'
import type { Target } from '../../exchange/exchange.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { JsonObject } from '../../wire/json.ts'
import { mayUse } from '../auth.ts'
import { jsonAnswer } from '../message.ts'
import type { ModelDirectory } from '../model-directory.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { priceView } from './price-view.ts'

export interface PriceRoutesOptions {
  readonly manager: ProviderManager
  readonly directory: ModelDirectory
}

const rates = z.record(z.string(), z.number())
const tariff = {
  per_million: rates,
  tiers: z.array(z.object({ above_input_tokens: z.int(), per_million: rates })).optional(),
}
const price = z.object({
  model: z.string(),
  source: z.enum(['free', 'config', 'list', 'unknown']),
  name: z.string().optional(),
  list: z.string().optional(),
  version: z.string().optional(),
  per_million: rates.optional(),
  tiers: tariff.tiers,
  per_request: z.number().optional(),
  per_tool_call: rates.optional(),
  services: z.record(z.string(), z.object(tariff)).optional(),
})

export function pricesRoute({ manager, directory }: PriceRoutesOptions): Route {
  return {
    method: 'GET',
    path: '/api/prices',
    access: 'known',
    writeError: writePlainError,
    description: {
      summary: 'Show what models cost in US dollars, and who says so',
      group: 'models',
      query: z.object({
        model: z.string().optional().describe('One name, as requests give it. Default: all.'),
      }),
      response: z.object({ prices: z.array(price) }),
    },
    handle: async (call) => {
      const name = call.query.get('model')
      const targets =
        name === null
          ? await allTargets(manager, directory, call)
          : [await named(name, directory, call)]
      const prices = targets.map(async (target): Promise<JsonObject> => ({
        model: `${target.provider}/${target.model}`,
        ...priceView(await manager.priceOf(target)),
      }))
      return jsonAnswer({ prices: await Promise.all(prices) })
    },
  }
}

async function named(name: string, directory: ModelDirectory, call: Call): Promise<Target> {
  const { outcome } = await directory.recall({ model: name }, call.caller)
  if (outcome instanceof GatewayError) throw outcome
  return outcome.target
}

async function allTargets(
  manager: ProviderManager,
  directory: ModelDirectory,
  { caller }: Call,
): Promise<readonly Target[]> {
  const lists = manager
    .listProviders()
    .filter((provider) => provider.enabled && mayUse(caller, provider))
    .map(async (provider) => {
      const cards = (await directory.listOf(provider)) ?? []
      return cards.map(({ id }) => ({ provider: provider.name, model: id }))
    })
  return (await Promise.all(lists)).flat()
}
