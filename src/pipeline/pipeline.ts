// What every call passes through, in order: the outermost first.
import { permitted } from '../access/permitted.ts'
import { compact } from '../canonical/compact.ts'
import type { Exchange, Middleware, Target } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { told } from '../exchange/told.ts'
import type { ProviderManager } from '../providers/manager.ts'
import type { RouteTable } from '../routing/route-table.ts'
import { type LedgerSetup, ledgerOfAttempts, ledgerOfCached } from './ledger.ts'
import { type LimitOptions, callerLimits, targetLimits } from './limits.ts'
import { planned } from './planned.ts'
import { type CacheSetup, cacheOptions } from '../resilience/cache/cache-setup.ts'
import { cached } from '../resilience/cache/cached.ts'
import { realEvery } from '../resilience/limits/lease.ts'
import { adaptiveThrottle } from '../resilience/adaptive-throttle.ts'
import { admitted } from '../resilience/admission.ts'
import type { After } from '../canonical/after.ts'
import { attempts } from '../resilience/attempts.ts'
import { deadline } from '../resilience/deadline.ts'
import { declaredTools } from '../resilience/declared-tools.ts'
import type { KeyRing } from '../resilience/key-ring.ts'
import type { ResilienceOptions } from '../resilience/resilience-options.ts'
import { continued } from '../resilience/continued.ts'
import { Hedging } from '../resilience/hedging.ts'
import type { Load } from '../resilience/load.ts'
import {
  CONCURRENCY,
  type ConcurrencyOptions,
  type OverloadOptions,
} from '../resilience/overload-options.ts'
import type { Pause } from '../resilience/pause.ts'
import { targetConcurrency } from '../resilience/target-concurrency.ts'
import type { TargetHealth } from '../resilience/target-health.ts'
import { estimateTokens } from '../usage/estimate-tokens.ts'
import { forecast } from '../usage/forecast.ts'
import { meter } from '../usage/meter.ts'
import type { FoundPrice, PriceBook, PriceOf } from '../usage/price.ts'
import { soundAmounts } from '../usage/sound-amounts.ts'
import type { Tokenizers } from '../usage/tokenizer.ts'
import { textTokens } from '../usage/text-tokens.ts'
import { estimatedCounts } from '../usage/estimated-counts.ts'
import { estimatedUsage } from '../usage/estimated-usage.ts'

export interface PipelineParts {
  readonly prices: PriceBook
  readonly tokenizers: Tokenizers
  readonly health: TargetHealth
  readonly keys: KeyRing
  readonly resilience: ResilienceOptions
  /** 0 to 1. */
  readonly random: () => number
  readonly pause: Pause
  readonly routes: RouteTable
  readonly limits: LimitOptions
  readonly cache: CacheSetup
  /** Absent: nothing is written down of what calls use, and no budget holds. */
  readonly ledger?: LedgerSetup
  readonly newId: () => string
  readonly tell: Tell
  readonly after: After
  /** How loaded this process is; absent: nobody is held back for that. */
  readonly load?: Load
  readonly overload: OverloadOptions
  /** Milliseconds, steady: what calls are timed with. */
  readonly clock: () => number
  readonly alarm: After
}

export function pipeline(manager: ProviderManager, parts: PipelineParts): readonly Middleware[] {
  const { clock, alarm, prices, health, keys, random, pause, routes, newId, tell } = parts
  const { maxAttempts, backoff, budget } = parts.resilience
  const limits = { ...parts.limits, random, newId, tell }
  const { enabled = true, ...cache } = parts.cache
  const { every = realEvery } = parts.limits
  const price: PriceOf = (target) => priceOf(target, manager, prices)
  const hedging = new Hedging({
    clock,
    pause,
    tell,
    inputCostOf: async (exchange, target) =>
      exchange.operation === 'chat'
        ? forecast(exchange.request, await price(target), await parts.tokenizers.of(target.model))
            .inputCost
        : undefined,
  })
  const written = { tokenizers: parts.tokenizers, priceOf: price, clock, newId, every, tell }
  return [
    told({ tell, clock }),
    declaredTools({ tell }),
    soundAmounts(),
    deadline({ clock, alarm, timeoutOf: timeouts(manager, parts) }),
    ...ledgerOfCached(parts.ledger, written),
    ...(enabled ? [cached(cacheOptions(cache, { clock, tell, every }))] : []),
    ...gate(parts),
    callerLimits(limits),
    planned({ manager, routes, health, random, priceOf: price }),
    continued({
      continues: (exchange) =>
        manager.findProvider(exchange.target.provider)?.continues(exchange) === true,
      clock,
      latencyMs: (target) => health.standing(target).latencyMs,
      requestTokens: ({ request }) => estimateTokens(request),
      textTokens,
    }),
    attempts({
      health,
      keys,
      clock,
      random,
      pause,
      tell,
      hedging,
      ...compact({ maxAttempts, backoff, budget }),
    }),
    permitted,
    ...sparing(manager, parts),
    estimatedCounts({
      counts: ({ provider, model }) => manager.findProvider(provider)?.countsTokens(model) === true,
    }),
    targetLimits(manager, limits),
    ...ledgerOfAttempts(parts.ledger, written),
    meter({ priceOf: price, estimating: estimatedUsage, tell }),
  ]
}

/** Before anything is done for a call: whether this process has a place for it. */
function gate({
  load,
  overload,
  random,
  tell,
  after,
  clock,
}: PipelineParts): readonly Middleware[] {
  if (load === undefined) return []
  const { process } = overload
  return [admitted({ load, clock, random, tell, after, ...compact({ process }) })]
}

/** Before each attempt: whether its target is better left alone. */
function sparing(manager: ProviderManager, parts: PipelineParts): readonly Middleware[] {
  const { load, random, tell, after, clock } = parts
  const { concurrency = {}, throttle = {} } = parts.overload
  const optionsOf = ({ provider }: Target): ConcurrencyOptions | undefined => {
    const own = manager.findProvider(provider)?.concurrency
    const { adaptive = own !== undefined, ...given } = concurrency
    return adaptive ? { ...CONCURRENCY, ...own, ...given } : undefined
  }
  return [
    ...(throttle === false ? [] : [adaptiveThrottle({ ...throttle, clock, random, tell })]),
    targetConcurrency({
      after,
      clock,
      isOverloaded: () => (load?.level ?? 0) > 0,
      optionsOf,
    }),
  ]
}

/** Where nobody says less. */
const TIMEOUT_MS = 900_000

/** The least that the configuration gives a call: for all, for its route, or for the one provider that it is for. */
function timeouts(
  manager: ProviderManager,
  { routes, resilience }: PipelineParts,
): (exchange: Exchange) => number {
  return ({ choice, target }) => {
    const total = manager.findProvider(target.provider)?.config.settings?.totalTimeout
    const ofProvider = choice === undefined && total !== undefined ? total * 1000 : undefined
    const ofRoute = choice === undefined ? undefined : routes.find(choice.route)?.timeoutMs
    const said = [ofRoute, ofProvider, resilience.timeoutMs].filter((one) => one !== undefined)
    return said.length === 0 ? TIMEOUT_MS : Math.min(...said)
  }
}

/** What a target costs, by what its provider declares of itself. */
export function priceOf(
  { provider: name, model }: Target,
  manager: ProviderManager,
  prices: PriceBook,
): FoundPrice {
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
