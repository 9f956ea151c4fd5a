// What a provider must be to be registered, whatever its type.
import { GatewayError } from '../canonical/errors.ts'
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
