// A provider's key is changed without a failed call: the new one is kept, tried for free, used, and the old one retired once nobody uses it any more.
import type { After } from '../../canonical/after.ts'
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { HealthReport } from '../../providers/health.ts'
import type { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import { Secret } from '../../vault/secret.ts'
import type { SecretView, Vault } from '../../vault/vault.ts'
import { bindingOf, openedVault } from './provider-keys.ts'
import { KINDS, type Registry } from './registry.ts'
import { managedByFile } from './source.ts'
import type { StoredKey } from './stored-provider.ts'

export interface RotationOptions {
  readonly registry: Registry
  readonly manager: ProviderManager
  readonly documents: WatchedDocuments
  readonly vault?: Vault
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly after: After
  /** Hears why an old key could not be retired; it is tried again at the next start. */
  readonly failed: (thrown: unknown) => void
}

export interface Rotating {
  readonly key: string
  /** Milliseconds in which the old key is still good for whoever has not heard of the new one. Default an hour. */
  readonly overlapMs?: number
  /** Use it although the provider did not say that it is good. It is never used where the provider refuses it. */
  readonly unchecked?: boolean
}

/** Whose key a secret is. */
export interface KeyPlace {
  readonly provider: string
  readonly key: StoredKey
}

export const OVERLAP_MS = 3_600_000

export class Rotation {
  readonly #options: RotationOptions
  /** By the secret. */
  readonly #timers = new Map<string, () => void>()
  #retiring: Promise<void> = Promise.resolve()

  constructor(options: RotationOptions) {
    this.#options = options
  }

  /** The place of a secret; undefined where no stored provider names it. */
  placeOf(secret: string): KeyPlace | undefined {
    for (const { config, keys } of this.#options.registry.storedProviders()) {
      const key = keys.find((one) => one.secret === secret)
      if (key !== undefined) return { provider: config.name, key }
    }
    return undefined
  }

  /** Throws `key_refused` where the provider does not take it, and `key_unchecked` where it does not say: all is as before then. */
  async rotate(secret: string, rotating: Rotating): Promise<SecretView> {
    const { registry, manager } = this.#options
    const vault = openedVault(this.#options.vault)
    const { provider, key: held } = this.#placed(secret)
    const stored = registry.storedProvider(provider)
    if (stored === undefined || !('value' in stored)) throw unknownSecret(secret)
    const one = { name: held.label, key: rotating.key }
    const draft = manager.draftProvider(
      { ...stored.value.config, enabled: true, apiKeys: [one] },
      { source: 'remote' },
    )
    const fresh = await vault.put({
      ...bindingOf(draft),
      id: secret,
      secret: new Secret(rotating.key),
      state: 'pending',
    })
    const which = { id: secret, version: fresh.version }
    try {
      assertTaken(await draft.checkCredential(held.label), rotating)
    } catch (thrown) {
      await vault.remove(which)
      throw thrown
    } finally {
      await draft.close()
    }
    const active = await vault.setState(which, 'active')
    await this.#retireLater({ provider, key: held }, rotating.overlapMs ?? OVERLAP_MS)
    return active
  }

  /** Whether the provider takes the key that is used now; costs nothing. */
  async test(secret: string): Promise<HealthReport> {
    const { provider, key } = this.#placed(secret)
    return this.#options.manager.getProvider(provider).checkCredential(key.label)
  }

  /** Throws `secret_in_use` for the one that is used now. */
  async retire(secret: string, version: number): Promise<SecretView> {
    const vault = openedVault(this.#options.vault)
    const versions = vault.list(secret)
    if (!versions.some((one) => one.version === version)) throw unknownSecret(secret)
    if (this.placeOf(secret) !== undefined && newestActive(versions)?.version === version) {
      throw new GatewayError(
        'conflict',
        'This version is the one in use. Rotate to another key first, or remove the credential from its provider.',
        { origin: 'client', code: 'secret_in_use', param: 'version' },
      )
    }
    return vault.setState({ id: secret, version }, 'retired')
  }

  /** At a start, and when the vault opens: goes on with what was begun. */
  resume(): void {
    for (const { keys } of this.#options.registry.storedProviders()) {
      for (const { secret, retiresAt } of keys) {
        if (retiresAt !== undefined && this.#oldOf(secret).length > 0) this.#at(retiresAt, secret)
      }
    }
  }

  close(): void {
    for (const callOff of this.#timers.values()) callOff()
    this.#timers.clear()
  }

  /** Resolves once what came due has been retired. */
  async settled(): Promise<void> {
    await this.#retiring
  }

  #placed(secret: string): KeyPlace {
    const { registry } = this.#options
    const place = this.placeOf(secret)
    if (place === undefined) throw unknownSecret(secret)
    if (registry.isInFile('provider', place.provider)) {
      throw managedByFile({ what: 'provider', name: place.provider, file: undefined })
    }
    return place
  }

  /** Writes it down beside the provider, which is how others hear of the new key, and how it is not forgotten. */
  async #retireLater({ provider, key }: KeyPlace, overlapMs: number): Promise<void> {
    const { documents, now } = this.#options
    const id = { kind: KINDS.provider, id: provider }
    const [document, stored] = [
      await documents.find(id),
      this.#options.registry.storedProvider(provider),
    ]
    if (document === undefined || stored === undefined || !('value' in stored)) return
    const retiresAt = now() + overlapMs
    const keys = stored.value.keys.map((one) =>
      compact(one.label === key.label ? { ...one, retiresAt } : { ...one }),
    )
    await documents.write([{ ...id, body: { ...document.body, keys }, expected: document.version }])
    this.#at(retiresAt, key.secret)
  }

  #at(time: number, secret: string): void {
    const { now, after, failed } = this.#options
    this.#timers.get(secret)?.()
    const callOff = after(Math.max(0, time - now()), () => {
      this.#timers.delete(secret)
      this.#retiring = this.#retireOld(secret).catch(failed)
    })
    this.#timers.set(secret, callOff)
  }

  async #retireOld(secret: string): Promise<void> {
    for (const { version } of this.#oldOf(secret)) {
      await this.#options.vault?.setState({ id: secret, version }, 'retired')
    }
  }

  /** Every version that was in use before the one that is. */
  #oldOf(secret: string): readonly SecretView[] {
    const { vault } = this.#options
    if (vault?.status().state !== 'open') return []
    const versions = vault.list(secret)
    const newest = newestActive(versions)?.version ?? 0
    return versions.filter(({ state, version }) => state === 'active' && version < newest)
  }
}

function newestActive(versions: readonly SecretView[]): SecretView | undefined {
  return versions.findLast(({ state }) => state === 'active')
}

function assertTaken(
  { healthy, key, reason }: HealthReport,
  { unchecked = false }: Rotating,
): void {
  if (key === 'ok' && healthy) return
  if (key === 'invalid') {
    throw new GatewayError(
      'invalid_request',
      `The provider refused the new key, so the old one stays in use: ${reason ?? 'it does not say why'}`,
      { origin: 'client', status: 422, code: 'key_refused', param: 'api_key' },
    )
  }
  if (unchecked) return
  throw new GatewayError(
    'conflict',
    `The provider did not say that the new key is good, so the old one stays in use: ${reason ?? 'it has no call that costs nothing'}. Try again, or send "unchecked": true.`,
    { origin: 'client', code: 'key_unchecked', param: 'api_key' },
  )
}

function unknownSecret(id: string): GatewayError {
  return new GatewayError(
    'not_found',
    `No provider that was registered over the API has the secret "${id.slice(0, 128)}". See: patchbay secret list`,
    { origin: 'client', code: 'secret_unknown', param: 'id' },
  )
}
