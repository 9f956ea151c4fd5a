// What patchbay.yaml may say of a route: its whole form, and the short ones for who needs no more than names.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { type Route, type RouteTarget, STRATEGIES, type StrategyName } from '../routing/route.ts'
import { routeCache } from './cache-schema.ts'
import { asNumber, optional, positive, text, texts } from './values.ts'

interface TargetEntry {
  readonly model: string
  readonly weight?: number | undefined
  readonly context_tokens?: number | undefined
  readonly capabilities?: readonly string[] | undefined
}

interface RouteEntry {
  readonly strategy?: StrategyName | undefined
  readonly timeout?: number | undefined
  readonly targets: readonly (string | TargetEntry)[]
  readonly cache?: { readonly ttl?: number | undefined } | undefined
  readonly hedge?: HedgeEntry | undefined
  readonly on_stream_failure?: Route['onStreamFailure']
}

interface HedgeEntry {
  readonly delay_ms?: number | undefined
  readonly min_delay_ms?: number | undefined
  readonly max_share?: number | undefined
}

const milliseconds = z.preprocess(asNumber, z.int().min(0))

const hedge: z.ZodType<HedgeEntry> = z.strictObject({
  delay_ms: optional(milliseconds).describe(
    'Milliseconds without a first word after which the next target is asked too. Default: what 95 of 100 answers of the target do not exceed.',
  ),
  min_delay_ms: optional(milliseconds).describe('The least of that default. Default: 500.'),
  max_share: optional(z.preprocess(asNumber, z.number().min(0).max(1))).describe(
    'Share of calls that may ask twice. Default: 0.05.',
  ),
})

const target: z.ZodType<string | TargetEntry> = z.union([
  text,
  z.strictObject({
    model: text.describe('Usually `provider/model`.'),
    weight: optional(positive).describe('Its share under weighted and sticky. Default: 1.'),
    context_tokens: optional(z.preprocess(asNumber, z.int().positive())).describe(
      'Tokens that fit. Default: what the provider says.',
    ),
    capabilities: optional(texts).describe(
      'What it can: tools, vision, thinking. Default: what the provider says.',
    ),
  }),
])

const targets = z.array(target).min(1)

export const route: z.ZodType<RouteEntry | RouteEntry['targets']> = z.union([
  targets,
  z.strictObject({
    strategy: optional(z.enum(STRATEGIES)).describe('How one is chosen. Default: priority.'),
    timeout: optional(positive).describe(
      'Seconds that a call may take as a whole. Default: resilience.timeout.',
    ),
    targets: targets.describe('In order of preference.'),
    cache: optional(routeCache).describe(
      'Answers are used again for calls that are the same. Default: only for callers who ask for it.',
    ),
    hedge: optional(hedge).describe(
      'Ask a second target beside one that is slow to begin; whoever begins first answers. Default: no.',
    ),
    on_stream_failure: optional(z.enum(['fail', 'continue'])).describe(
      'continue: a text that breaks off is gone on with by a target that can. Default: fail.',
    ),
  }),
])

export function toRoute(name: string, entry: z.infer<typeof route>): Route {
  if (!('targets' in entry)) return { name, targets: entry.map((one) => toTarget(one)) }
  const { strategy, timeout, cache, on_stream_failure: onStreamFailure } = entry
  return compact({
    name,
    strategy,
    targets: entry.targets.map((one) => toTarget(one)),
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    cache: cache === undefined ? undefined : toCache(cache),
    hedge: toHedge(entry.hedge),
    onStreamFailure,
  })
}

function toCache({ ttl }: { readonly ttl?: number | undefined }): Route['cache'] {
  return ttl === undefined ? {} : { ttlMs: ttl * 1000 }
}

function toHedge(entry: HedgeEntry | undefined): Route['hedge'] {
  if (entry === undefined) return undefined
  const { delay_ms: delayMs, min_delay_ms: minDelayMs, max_share: maxShare } = entry
  return compact({ delayMs, minDelayMs, maxShare })
}

function toTarget(entry: string | TargetEntry): RouteTarget {
  if (typeof entry === 'string') return { model: entry }
  const { model, weight, context_tokens: contextTokens, capabilities } = entry
  return compact({ model, weight, contextTokens, capabilities })
}
