// A provider that comes in over an API: taken once its address is known to be one that may be reached.
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ProviderManager } from '../pipeline/library.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import type { ProviderConfig } from '../providers/provider-config.ts'

/** Opens no connection. Throws what registerProvider throws, and GatewayError invalid_request where the address is refused. */
export async function registerRemote(
  manager: ProviderManager,
  config: ProviderConfig,
): Promise<BaseProvider> {
  await draftRemote(manager, config)
  return manager.registerProvider(config, { source: 'remote' })
}

/** The provider as it would be, without being added. */
export async function draftRemote(
  manager: ProviderManager,
  config: ProviderConfig,
): Promise<BaseProvider> {
  const draft = manager.draftProvider(config, { source: 'remote' })
  try {
    await draft.assertReachable()
  } catch (thrown) {
    const { message, code } = toGatewayError(thrown)
    throw new GatewayError('invalid_request', message, {
      status: 422,
      code: code ?? 'address_forbidden',
      param: 'base_url',
      cause: thrown,
    })
  }
  return draft
}
