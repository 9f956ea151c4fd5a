// What a provider must be to be registered, whatever its type, and what it is registered with anew.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { BaseProvider } from './base-provider.ts'
import type { ProviderConfig } from './provider-config.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export function assertName(name: string): void {
  if (NAME.test(name)) return
  throw new GatewayError(
    'invalid_request',
    'A provider name must be 1 to 64 letters, digits, dots, dashes or underscores, and start with a letter or digit.',
    { code: 'invalid_provider_name', param: 'name' },
  )
}

export function assertRateLimit({ name, rateLimit }: ProviderConfig): void {
  if (rateLimit === undefined || (Number.isFinite(rateLimit) && rateLimit > 0)) return
  throw new GatewayError(
    'invalid_request',
    `"rateLimit" must be a number of requests a minute above 0 (provider "${name}").`,
    { code: 'invalid_provider_config', param: 'rateLimit' },
  )
}

/** A config with the keys that its provider has by now; one that is given takes the place of the first. */
export function withKeys(
  { config, credentials }: BaseProvider,
  given: string | undefined,
): ProviderConfig {
  const { apiKey, apiKeys: _, ...rest } = config
  if (credentials === undefined) return compact({ ...config, apiKey: given ?? apiKey })
  const [first, ...others] = credentials.configured
  if (given === undefined) return { ...rest, apiKeys: credentials.configured }
  return { ...rest, apiKeys: [{ ...first, key: given }, ...others] }
}
