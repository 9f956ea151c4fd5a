// Which provider types there are, and what builds each.
import type { BaseProvider } from './base-provider.ts'
import type { ProviderConfig, ProviderContext } from './provider-config.ts'

export type ProviderFactory = (config: ProviderConfig, context: ProviderContext) => BaseProvider

export const builtinTypes: ReadonlyMap<string, ProviderFactory> = new Map()
