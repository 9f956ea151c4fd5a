// Providers that a user brings: a module path or package name in the config.
import { GatewayError } from '../canonical/errors.ts'
import type { ProviderManager } from './manager.ts'

export interface PluginOptions {
  readonly manager: ProviderManager
  /** The absolute folder that a relative module path starts from. */
  readonly baseDir: string
}

/** Registers the provider type that a module exports, and returns its name. */
export async function loadProviderPlugin(
  specifier: string,
  options: PluginOptions,
): Promise<readonly string[]> {
  throw new GatewayError('unsupported', `no plugins yet: ${specifier} ${options.baseDir}`)
}
