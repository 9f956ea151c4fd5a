// What every call passes through, in order: the outermost first.
import type { Middleware } from '../exchange/exchange.ts'
import type { ProviderManager } from '../providers/manager.ts'
import { rateLimit } from '../resilience/rate-limit.ts'
import { estimatedCounts } from '../usage/estimated-counts.ts'

/** For `new ProviderManager({ middleware: pipeline })`. */
export function pipeline(manager: ProviderManager): readonly Middleware[] {
  return [
    estimatedCounts({
      counts: ({ provider, model }) => manager.findProvider(provider)?.countsTokens(model) === true,
    }),
    rateLimit({
      limitOf: (provider) => manager.findProvider(provider)?.config.rateLimit,
      clock: manager.clock,
    }),
  ]
}
