// What a key or a team may use. What a scope names, it allows; whatever else there is of that sort, it does not. A sort that it does not name is open.
import type { Target } from '../exchange/target.ts'
import { isNetworkCovered, isWithin } from './cidr.ts'
import { isCovered, matchesModel } from './model-pattern.ts'

/** What a key can be for: by what is done, not by where that stands. */
export const ENDPOINTS = [
  'chat',
  'embeddings',
  'count_tokens',
  'models',
  'responses',
  'explain',
] as const
export type KeyEndpoint = (typeof ENDPOINTS)[number]

export interface Scope {
  /** `provider/model`, with `*` at the end for any rest. */
  readonly models?: readonly string[]
  /** Names of providers. */
  readonly providers?: readonly string[]
  readonly endpoints?: readonly string[]
  /** Policies of translation. */
  readonly policies?: readonly string[]
  /** Where it may be used from. */
  readonly cidrs?: readonly string[]
}

export function allowsProvider({ providers, models }: Scope, provider: string): boolean {
  if (providers !== undefined && !providers.includes(provider)) return false
  return models === undefined || models.some((pattern) => reaches(pattern, provider))
}

export function allowsTarget(scope: Scope, target: Target): boolean {
  const { models } = scope
  if (!allowsProvider(scope, target.provider)) return false
  return models === undefined || matchesModel(models, target)
}

export function allowsEndpoint({ endpoints }: Scope, endpoint: KeyEndpoint | undefined): boolean {
  return endpoints === undefined || (endpoint !== undefined && endpoints.includes(endpoint))
}

export function allowsPolicy({ policies }: Scope, policy: string): boolean {
  return policies === undefined || policies.includes(policy)
}

export function allowsAddress({ cidrs }: Scope, address: string | undefined): boolean {
  return cidrs === undefined || isWithin(address, cidrs)
}

/** The first thing that the one scope allows and the other does not: `models: openai/gpt-5`. Undefined where there is none. */
export function beyond(scope: Scope, within: Scope): string | undefined {
  return SORTS.map((sort) => beyondIn(sort, scope, within)).find((found) => found !== undefined)
}

const same = (one: string, by: string): boolean => one === by
const COVERED = {
  models: isCovered,
  providers: same,
  endpoints: same,
  policies: same,
  cidrs: isNetworkCovered,
} as const
const SORTS = ['models', 'providers', 'endpoints', 'policies', 'cidrs'] as const

function beyondIn(sort: (typeof SORTS)[number], scope: Scope, within: Scope): string | undefined {
  const outer = within[sort]
  if (outer === undefined) return undefined
  const inner = scope[sort]
  // What it leaves open is held by the other at use.
  const found = inner?.find((one) => !outer.some((by) => COVERED[sort](one, by)))
  return found === undefined ? undefined : `${sort}: ${found}`
}

/** Whether a pattern may mean a model of the provider. */
function reaches(pattern: string, provider: string): boolean {
  const [first = '', ...rest] = pattern.split('/')
  if (rest.length > 0) return first === provider
  return pattern.endsWith('*') && provider.startsWith(pattern.slice(0, -1))
}
