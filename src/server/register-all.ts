// The providers a server starts with: what is configured, then what is found, then the model that comes along.
import type { PatchbayConfig } from '../config/schema.ts'
import { type DetectedProvider, detectProviders } from '../providers/detect.ts'
import type { ProviderManager } from '../providers/manager.ts'
import { loadProviderPlugin } from '../providers/plugins.ts'
import { type ProviderConfig, ProviderType } from '../providers/provider-config.ts'
import { packageResolver } from './plugin-packages.ts'
import type { Transport } from '../transport/transport.ts'

export interface RegisterAllOptions {
  readonly config: PatchbayConfig
  readonly env: Readonly<Record<string, string | undefined>>
  readonly transport: Transport
  /** Whether to look for providers that nobody configured. Default false. */
  readonly detect?: boolean
  readonly signal?: AbortSignal
  /** Registers what was registered while it ran before: after what is configured, before what is found. Gives its default. */
  readonly registerStored?: () => string | undefined
}

/** The embedded model: last, so that it is the default only where there is nothing else. */
export const EMBEDDED: ProviderConfig = {
  providerType: ProviderType.local,
  name: ProviderType.local,
}

/** Fills a manager; gives what was found without being configured. The first registered is the default unless the configuration says otherwise. */
export async function registerAll(
  manager: ProviderManager,
  options: RegisterAllOptions,
): Promise<readonly DetectedProvider[]> {
  const { config, env, transport, signal = new AbortController().signal } = options
  const { baseDir } = config
  const resolvePackage = packageResolver(baseDir)
  for (const plugin of config.plugins) {
    await loadProviderPlugin(plugin, { manager, baseDir, resolvePackage })
  }
  for (const provider of config.providers) manager.registerProvider(provider)
  const chosen = options.registerStored?.()
  const detected = options.detect === true ? await detectProviders({ env, transport, signal }) : []
  const fresh = detected.filter((found) => manager.findProvider(found.config.name) === undefined)
  for (const found of fresh) manager.registerProvider(found.config)
  if (options.detect === true) registerEmbedded(manager)
  if (config.defaultProvider !== undefined) manager.setDefault(config.defaultProvider)
  else if (chosen !== undefined && manager.findProvider(chosen) !== undefined) {
    manager.setDefault(chosen)
  }
  return fresh
}

function registerEmbedded(manager: ProviderManager): void {
  const types = manager.listProviders().map((provider) => provider.config.providerType)
  if (types.includes(EMBEDDED.providerType)) return
  if (manager.findProvider(EMBEDDED.name) !== undefined) return
  if (manager.providerTypes.includes(EMBEDDED.providerType)) manager.registerProvider(EMBEDDED)
}
