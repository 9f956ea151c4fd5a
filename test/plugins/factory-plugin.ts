// A plugin that exports a factory and the name of its type.
import type { ProviderConfig, ProviderContext } from '../../src/providers/provider-config.ts'
import { EchoProvider } from '../echo-provider.ts'

export const providerType = 'made'

export function createProvider(config: ProviderConfig, context: ProviderContext): EchoProvider {
  return new EchoProvider({ ...config, defaultModel: context.source })
}
