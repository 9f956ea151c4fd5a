// Which provider types there are, and what builds each.
import type { BaseProvider } from './base-provider.ts'
import { catalog } from './catalog.ts'
import { customRow } from './custom.ts'
import { HttpProvider } from './http-provider.ts'
import { LocalProvider } from './local/local-provider.ts'
import { type ProviderConfig, type ProviderContext, ProviderType } from './provider-config.ts'

/** Builds a provider; throws GatewayError when the config cannot work. Asks nobody. */
export type ProviderFactory = (config: ProviderConfig, context: ProviderContext) => BaseProvider

export const builtinTypes: ReadonlyMap<string, ProviderFactory> = new Map([
  ...catalog.map((row): [string, ProviderFactory] => [
    row.type,
    (config, context) => new HttpProvider(config, row, context),
  ]),
  [ProviderType.custom, (config, context) => new HttpProvider(config, customRow(config), context)],
  [ProviderType.local, (config, context) => new LocalProvider(config, context)],
])
