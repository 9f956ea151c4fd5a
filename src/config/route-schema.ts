// What patchbay.yaml may say of a route: its whole form, and the short ones for who needs no more than names.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { type Route, type RouteTarget, STRATEGIES, type StrategyName } from '../routing/route.ts'
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
}

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
  }),
])

export function toRoute(name: string, entry: z.infer<typeof route>): Route {
  if (!('targets' in entry)) return { name, targets: entry.map((one) => toTarget(one)) }
  const { strategy, timeout } = entry
  const timeoutMs = timeout === undefined ? undefined : timeout * 1000
  return compact({ name, strategy, timeoutMs, targets: entry.targets.map((one) => toTarget(one)) })
}

function toTarget(entry: string | TargetEntry): RouteTarget {
  if (typeof entry === 'string') return { model: entry }
  const { model, weight, context_tokens: contextTokens, capabilities } = entry
  return compact({ model, weight, contextTokens, capabilities })
}
