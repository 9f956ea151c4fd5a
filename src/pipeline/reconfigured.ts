// What can be configured anew while calls are under way, and what its names must be.
import { GatewayError } from '../canonical/errors.ts'
import type { NewerList } from '../prices/price-list.ts'
import type { ProviderConfig } from '../providers/provider-config.ts'
import type { Route } from '../routing/route.ts'
import type { PriceSetting } from '../usage/price-setting.ts'
import type { LimitSettings } from './limits.ts'

export interface Reconfigured {
  readonly providers: readonly ProviderConfig[]
  /** Those that were registered over an API, after the others. */
  readonly stored?: readonly ProviderConfig[]
  readonly defaultProvider?: string
  readonly routes: readonly Route[]
  readonly aliases?: Readonly<Record<string, string>>
  readonly prices?: Readonly<Record<string, PriceSetting>>
  readonly newerPrices?: NewerList
  readonly limits: LimitSettings
  /** Names that were configured until now: what is not named again is gone. */
  readonly before: { readonly providers: readonly string[]; readonly routes: readonly string[] }
}

interface Names {
  /** All that there will be. */
  readonly providers: readonly string[]
  readonly routes: readonly Route[]
  /** Of routes that nobody configured. */
  readonly otherRoutes: readonly string[]
  readonly aliases: Readonly<Record<string, string>>
}

/** Throws where a name would mean two things, because something was registered at run time that the configuration does not know of. */
export function assertNamesApart({ providers, routes, otherRoutes, aliases }: Names): void {
  const known = new Set(providers)
  for (const { name } of routes) {
    if (known.has(name)) throw taken('route', name, 'a provider')
  }
  for (const name of otherRoutes) {
    if (known.has(name)) throw taken('provider', name, 'a route')
    if (Object.hasOwn(aliases, name)) throw taken('alias', name, 'a route')
  }
}

function taken(what: string, name: string, owner: string): GatewayError {
  return new GatewayError(
    'conflict',
    `The ${what} "${name}" has the name of ${owner} that was registered while Patchbay runs. Remove that one, or give the ${what} another name.`,
    { code: 'name_taken', param: 'name' },
  )
}

export function unknownDefault(name: string, known: readonly string[]): GatewayError {
  return new GatewayError(
    'not_found',
    `default_provider is "${name}", but no provider has this name. Known: ${known.join(', ')}.`,
    { code: 'provider_not_found', param: 'default_provider' },
  )
}
