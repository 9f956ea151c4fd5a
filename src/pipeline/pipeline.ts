// What every call passes through, in order: the outermost first.
import type { Middleware, Target } from '../exchange/exchange.ts'
import type { ProviderManager } from '../providers/manager.ts'
import { rateLimit } from '../resilience/rate-limit.ts'
import { meter } from '../usage/meter.ts'
import type { ModelPrice, PriceBook } from '../usage/price.ts'
import { estimatedCounts } from '../usage/estimated-counts.ts'

export function pipeline(manager: ProviderManager, prices: PriceBook): readonly Middleware[] {
  return [
    estimatedCounts({
      counts: ({ provider, model }) => manager.findProvider(provider)?.countsTokens(model) === true,
    }),
    rateLimit({
      limitOf: (provider) => manager.findProvider(provider)?.config.rateLimit,
      clock: manager.clock,
    }),
    meter({ priceOf: async (target) => priceOf(target, manager, prices) }),
  ]
}

/** What a target costs, by what its provider declares of itself. */
export async function priceOf(
  { provider: name, model }: Target,
  manager: ProviderManager,
  prices: PriceBook,
): Promise<ModelPrice | undefined> {
  const provider = manager.findProvider(name)
  if (provider === undefined) return undefined
  const { locality, vendorUrl } = provider
  const free = locality === 'local'
  return prices.priceOf({
    provider: name,
    model,
    free,
    ...(vendorUrl === undefined ? {} : { vendorUrl }),
  })
}
