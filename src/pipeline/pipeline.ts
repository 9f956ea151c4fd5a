// What every call passes through, in order: the outermost first.
import type { Middleware, Target } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { told } from '../exchange/told.ts'
import type { ProviderManager } from '../providers/manager.ts'
import type { RouteTable } from '../routing/route-table.ts'
import { type LimitOptions, callerLimits, targetLimits } from './limits.ts'
import { planned } from './planned.ts'
import { attempts } from '../resilience/attempts.ts'
import type { Pause } from '../resilience/pause.ts'
import type { TargetHealth } from '../resilience/target-health.ts'
import { meter } from '../usage/meter.ts'
import type { ModelPrice, PriceBook } from '../usage/price.ts'
import { estimatedCounts } from '../usage/estimated-counts.ts'

export interface PipelineParts {
  readonly prices: PriceBook
  readonly health: TargetHealth
  /** 0 to 1. */
  readonly random: () => number
  readonly pause: Pause
  readonly routes: RouteTable
  readonly limits: LimitOptions
  readonly newId: () => string
  readonly tell: Tell
}

export function pipeline(manager: ProviderManager, parts: PipelineParts): readonly Middleware[] {
  const { clock } = manager
  const { prices, health, random, pause, routes, newId, tell } = parts
  const limits = { ...parts.limits, random, newId }
  const price = async (target: Target): Promise<ModelPrice | undefined> =>
    priceOf(target, manager, prices)
  return [
    told({ tell, clock }),
    callerLimits(limits),
    planned({ manager, routes, health, random, priceOf: price }),
    attempts({ health, clock, random, pause, tell }),
    estimatedCounts({
      counts: ({ provider, model }) => manager.findProvider(provider)?.countsTokens(model) === true,
    }),
    targetLimits(manager, limits),
    meter({ priceOf: price }),
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
