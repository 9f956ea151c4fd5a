// Keys of stored providers: into the vault, and out of it for the one address that they were entered for.
import { GatewayError, toGatewayError } from '../../canonical/errors.ts'
import type { CredentialConfig, ProviderConfig } from '../../providers/provider-config.ts'
import type { BaseProvider } from '../../providers/base-provider.ts'
import { exactOrigin } from '../../vault/origin.ts'
import type { SecretBinding } from '../../vault/record.ts'
import { type Secret, toSecret } from '../../vault/secret.ts'
import type { SecretView, Vault } from '../../vault/vault.ts'
import { type StoredKey, type StoredProvider, secretIdOf } from './stored-provider.ts'

/** A key with the label that it has. */
export interface LabelledKey {
  readonly label: string
  readonly key: Secret
  readonly weight?: number
  readonly single?: true
}

/** Whom the keys of a provider are for. */
export function bindingOf({ config, vendorUrl }: BaseProvider): SecretBinding {
  const { providerType, baseUrl } = config
  const url = vendorUrl ?? baseUrl
  // A plugin without an address is bound to its type alone.
  const origin = url === undefined ? `https://${providerType}.invalid:443` : exactOrigin(url)
  return { providerType, origin }
}

/** The keys that a configuration holds, by their labels. */
export function keysOf(provider: BaseProvider): readonly LabelledKey[] {
  const { config, credentials } = provider
  const single = toSecret(config.apiKey)
  if (credentials === undefined)
    return single === undefined ? [] : [labelled('k1', single, 'single')]
  return credentials.configured.flatMap(({ name = '', key, weight }, at) => {
    const secret = toSecret(key)
    if (secret === undefined) return []
    const isSingle = at === 0 && single !== undefined
    const one = labelled(name, secret, isSingle ? 'single' : 'one of several')
    return [weight === undefined || weight === 1 ? one : { ...one, weight }]
  })
}

function labelled(label: string, key: Secret, how: 'single' | 'one of several'): LabelledKey {
  return how === 'single' ? { label, key, single: true } : { label, key }
}

/** Throws `vault_missing` and `vault_sealed`, with what to do. */
export function openedVault(vault: Vault | undefined): Vault {
  const state = vault?.status().state ?? 'absent'
  if (vault !== undefined && state === 'open') return vault
  if (state === 'sealed') {
    throw new GatewayError(
      'overloaded',
      'The vault is sealed, so no key can be kept: open it with patchbay vault unlock.',
      { code: 'vault_sealed' },
    )
  }
  throw new GatewayError(
    'conflict',
    'There is no vault to keep the key in. Make one with: patchbay init. Or send "persist": false, to have the provider for as long as this process runs.',
    { origin: 'client', code: 'vault_missing', param: 'api_key' },
  )
}

export interface Keeping {
  readonly provider: string
  readonly binding: SecretBinding
}

/** Keeps keys; gives what stands for them. Of those that are kept by then nothing is left where one fails. */
export async function keepKeys(
  vault: Vault,
  all: readonly LabelledKey[],
  { provider, binding }: Keeping,
): Promise<readonly StoredKey[]> {
  const kept: SecretView[] = []
  try {
    const stored: StoredKey[] = []
    for (const { label, key, weight, single } of all) {
      const id = secretIdOf(provider, label)
      kept.push(await vault.put({ ...binding, id, secret: key }))
      stored.push({
        label,
        secret: id,
        ...(weight === undefined ? {} : { weight }),
        ...(single === undefined ? {} : { single }),
      })
    }
    return stored
  } catch (thrown) {
    for (const { id, version } of kept) await vault.remove({ id, version })
    throw thrown
  }
}

export async function forgetKeys(
  vault: Vault | undefined,
  keys: readonly StoredKey[],
): Promise<void> {
  if (vault?.status().state !== 'open') return
  for (const { secret } of keys) {
    if (vault.list(secret).length > 0) await vault.remove({ id: secret })
  }
}

/** With its keys, or with why they do not open: such a provider is there and takes no calls. */
export function withKeys(
  { config, keys }: StoredProvider,
  vault: Vault | undefined,
  bindingFor: (config: ProviderConfig) => SecretBinding,
): ProviderConfig {
  if (keys.length === 0) return config
  try {
    const opened = openedVault(vault)
    const binding = bindingFor(config)
    const [first, ...others] = keys.map((key) => ({
      ...key,
      key: opened.reveal(key.secret, binding),
    }))
    if (first === undefined) return config
    const rest = others.map((one) => credentialOf(one))
    if (first.single !== true) return { ...config, apiKeys: [credentialOf(first), ...rest] }
    return { ...config, apiKey: first.key, ...(rest.length === 0 ? {} : { apiKeys: rest }) }
  } catch (thrown) {
    return { ...config, unusable: whyNot(config.name, toGatewayError(thrown)) }
  }
}

function credentialOf({ label, key, weight }: LabelledKey): CredentialConfig {
  return { name: label, key, ...(weight === undefined ? {} : { weight }) }
}

const WHY: Readonly<Record<string, string>> = {
  vault_sealed: 'the vault is sealed. Open it with: patchbay vault unlock',
  vault_missing: 'the vault is not there. Bring back its file and its key: patchbay vault restore',
  vault_absent: 'the vault is not there. Bring back its file and its key: patchbay vault restore',
  secret_unknown: 'the vault does not have it. Enter it anew: patchbay secret rotate',
  secret_elsewhere:
    'it was entered for another address than the one that stands there now. If you have not changed that yourself, somebody has; remove the provider and register it anew',
  secret_refused:
    'its row in the database was changed by somebody who does not have the key of the vault. Enter it anew: patchbay secret rotate',
}

function whyNot(name: string, { code = '' }: GatewayError): string {
  const why = WHY[code] ?? 'the vault does not give it. See: patchbay vault status'
  return `The key of the provider "${name}" does not open: ${why}.`
}
