// Whose keys can be changed while it runs.
import { GatewayError } from '../canonical/errors.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import type { Credentials } from '../providers/credentials.ts'

/** Throws GatewayError: unsupported where it keeps no keys of this kind, conflict where a key would make it another kind of provider. */
export function changeableOf({ name, credentials, locality }: BaseProvider): Credentials {
  if (credentials === undefined) {
    throw new GatewayError(
      'unsupported',
      `Provider "${name}" keeps no keys that could be changed. Register it anew.`,
      { origin: 'client', code: 'no_credentials', param: 'name' },
    )
  }
  // Callers without a key may use it because it is free; with a key it would not be.
  if (locality === 'local' && credentials.set === undefined) {
    throw new GatewayError(
      'conflict',
      `Provider "${name}" was registered without a key and counts as free. Remove it and register it with its key.`,
      { origin: 'client', code: 'provider_is_free', param: 'name' },
    )
  }
  return credentials
}
