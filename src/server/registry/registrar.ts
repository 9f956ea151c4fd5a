// Changes of what is registered while Patchbay runs: each is checked, stored with its keys in the vault, and in force by the time it is answered.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import { changeableOf } from '../../pipeline/changeable.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { BaseProvider } from '../../providers/base-provider.ts'
import type { Route } from '../../routing/route.ts'
import type { DocumentWrite, Expected } from '../../store/documents/document.ts'
import type { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { draftRemote, registerRemote } from '../registration.ts'
import { type RegisterBody, registerBody, toProviderConfig } from '../routes/register-body.ts'
import { validated } from '../validate.ts'
import {
  type LabelledKey,
  bindingOf,
  forgetKeys,
  keepKeys,
  keysOf,
  openedVault,
} from './provider-keys.ts'
import { DEFAULT_PROVIDER, KINDS, type Registry } from './registry.ts'
import { managedByFile } from './source.ts'
import { type StoredKey, registeredBody, storedBody } from './stored-provider.ts'
import { routeBody, storedRoute } from './stored-route.ts'

export interface RegistrarOptions {
  readonly registry: Registry
  readonly documents: WatchedDocuments
  readonly manager: ProviderManager
  readonly vault?: Vault
  readonly config: () => PatchbayConfig
  /** How many processes answer at this address, where it is not one. */
  readonly processes?: number
}

export interface ReplacedKey {
  readonly label: string
  readonly key: string
  readonly weight?: number
}

export class Registrar {
  readonly #options: RegistrarOptions

  constructor(options: RegistrarOptions) {
    this.#options = options
  }

  /** Throws what `registerRemote` throws, and `managed_by_file`, `vault_missing`, `vault_sealed`. */
  async register(body: RegisterBody): Promise<BaseProvider> {
    const { manager } = this.#options
    const config = toProviderConfig(body)
    const { name } = config
    this.#assertFree('provider', name)
    if (body.persist === false) {
      this.#assertAlone()
      return registerRemote(manager, config)
    }
    const draft = await draftRemote(manager, config)
    this.#assertUnknown(name)
    const keys = keysOf(draft)
    await this.#keep(name, { body, keys, draft, expected: 'absent' })
    return manager.getProvider(name)
  }

  /** What one process alone knows, the others would answer with "no such model". */
  #assertAlone(): void {
    const { processes = 1 } = this.#options
    if (processes === 1) return
    throw new GatewayError(
      'unsupported',
      `"persist": false has a provider for one process, and ${processes} answer here. Leave it out, so that all of them have it.`,
      { origin: 'client', code: 'several_workers', param: 'persist' },
    )
  }

  /** Turns a provider on, with a key where it needs one; a type that nobody has registered is registered. */
  async enable(name: string, { key, persist }: Enabling): Promise<BaseProvider> {
    const { manager, registry } = this.#options
    this.#assertFree('provider', name)
    if (registry.storedProvider(name) !== undefined) {
      return this.change(name, compact({ enabled: true, api_key: key }), 'any')
    }
    const isKnown = manager.findProvider(name) !== undefined
    if (isKnown || !manager.providerTypes.includes(name)) return manager.enableProvider(name, key)
    return this.register(compact({ provider_type: name, name, api_key: key, persist }))
  }

  /** Changes some of what a stored provider was registered with; what is null is as if it had never been said. */
  async change(name: string, patch: JsonObject, expected: Expected): Promise<BaseProvider> {
    const { manager, documents, registry } = this.#options
    this.#assertFree('provider', name)
    const document = await documents.find({ kind: KINDS.provider, id: name })
    if (document === undefined) throw this.#notStored(name)
    const before = registry.storedProvider(name)
    const held = before !== undefined && 'value' in before ? before.value.keys : []
    const merged = withoutNulls({ ...registeredBody(document.body), ...patch, name })
    const body = validated(registerBody, merged)
    const draft = await draftRemote(manager, toProviderConfig(body))
    const keys = keysOf(draft)
    if (keys.length === 0) this.#assertSameOrigin(draft, document.body, held)
    const exactly = expected === 'any' ? document.version : expected
    await this.#keep(name, {
      body,
      keys,
      draft,
      expected: exactly,
      held: keys.length === 0 ? held : [],
    })
    const gone = held.filter(
      ({ label }) => keys.length > 0 && !keys.some((one) => one.label === label),
    )
    await forgetKeys(this.#options.vault, gone)
    return manager.getProvider(name)
  }

  /** Of what is not stored, only until the next start. */
  async remove(name: string, expected: Expected): Promise<void> {
    const { manager, registry, vault } = this.#options
    this.#assertFree('provider', name)
    const stored = registry.storedProvider(name)
    if (stored === undefined) return manager.unregisterProvider(name)
    await this.#write([{ kind: KINDS.provider, id: name, expected }])
    await forgetKeys(vault, 'value' in stored ? stored.value.keys : [])
  }

  async setDefault(name: string): Promise<void> {
    const { manager, config } = this.#options
    const { defaultProvider, file } = config()
    const provider = manager.getProvider(name)
    if (defaultProvider !== undefined && defaultProvider !== name) {
      throw managedByFile({ what: 'default provider', name: defaultProvider, file })
    }
    await this.#write([
      { kind: KINDS.setting, id: DEFAULT_PROVIDER, body: { name: provider.name } },
    ])
    manager.setDefault(provider.name)
  }

  /** The key of a provider that is not stored is changed for as long as this process runs. */
  async replaceKey(name: string, { label, key, weight }: ReplacedKey): Promise<void> {
    const { manager, registry, documents, vault } = this.#options
    const stored = registry.storedProvider(name)
    const provider = manager.getProvider(name)
    if (stored === undefined || !('value' in stored) || registry.isInFile('provider', name)) {
      manager.replaceCredential(name, { label, key, ...compact({ weight }) })
      return
    }
    const { config, keys } = stored.value
    changeableOf(provider)
    const document = await documents.find({ kind: KINDS.provider, id: name })
    if (document === undefined) throw this.#notStored(name)
    const one = { name: label, key, ...compact({ weight }) }
    const draft = manager.draftProvider({ ...config, apiKeys: [one] }, { source: 'remote' })
    const keeping = { provider: name, binding: bindingOf(provider) }
    const [held] = await keepKeys(openedVault(vault), keysOf(draft), keeping)
    if (held === undefined) return
    const isKnown = keys.some((each) => each.label === label)
    const next = isKnown
      ? keys.map((each) => (each.label === label ? { ...each, ...held } : each))
      : [...keys, held]
    await this.#write([
      {
        kind: KINDS.provider,
        id: name,
        body: { ...document.body, keys: next.map((each) => compact({ ...each })) },
        expected: document.version,
      },
    ])
  }

  async removeKey(name: string, label: string): Promise<void> {
    const { manager, registry, documents, vault } = this.#options
    const stored = registry.storedProvider(name)
    if (stored === undefined || !('value' in stored) || registry.isInFile('provider', name)) {
      return manager.removeCredential(name, label)
    }
    manager.getProvider(name).credentials?.assertKnown(label)
    const document = await documents.find({ kind: KINDS.provider, id: name })
    if (document === undefined) throw this.#notStored(name)
    const { keys } = stored.value
    const left = keys.filter((one) => one.label !== label).map((one) => compact({ ...one }))
    const body = { ...document.body, keys: left }
    await this.#write([{ kind: KINDS.provider, id: name, body, expected: document.version }])
    await forgetKeys(
      vault,
      keys.filter((one) => one.label === label),
    )
  }

  async setRoute(name: string, body: Json, expected: Expected): Promise<Route> {
    const { manager } = this.#options
    this.#assertFree('route', name)
    const route = storedRoute(name, routeBody(body))
    manager.routes.assertFits(route)
    await this.#write([{ kind: KINDS.route, id: name, body: routeBody(body), expected }])
    return route
  }

  /** Of one that is not stored, only until the next start. */
  async removeRoute(name: string, expected: Expected): Promise<void> {
    const { manager, registry } = this.#options
    this.#assertFree('route', name)
    if (registry.storedRoute(name) === undefined) manager.routes.delete(name)
    else await this.#write([{ kind: KINDS.route, id: name, expected }])
  }

  async #keep(name: string, keeping: KeepingProvider): Promise<void> {
    const { vault } = this.#options
    const { body, keys, draft, expected, held = [] } = keeping
    // What cannot be stored is refused before a key is kept.
    storedBody(name, body, [])
    const binding = bindingOf(draft)
    const stored =
      keys.length === 0
        ? held
        : await keepKeys(openedVault(vault), keys, { provider: name, binding })
    try {
      const document = storedBody(name, body, stored)
      await this.#write([{ kind: KINDS.provider, id: name, body: document, expected }])
    } catch (thrown) {
      if (expected === 'absent' && keys.length > 0) await forgetKeys(vault, stored)
      throw thrown
    }
  }

  async #write(writes: readonly DocumentWrite[]): Promise<void> {
    await this.#options.documents.write(writes)
  }

  #assertFree(what: 'provider' | 'route', name: string): void {
    const { registry, config } = this.#options
    if (registry.isInFile(what, name)) throw managedByFile({ what, name, file: config().file })
  }

  #assertUnknown(name: string): void {
    const { manager, registry } = this.#options
    manager.routes.assertNoRoute(name)
    if (manager.findProvider(name) === undefined && registry.storedProvider(name) === undefined)
      return
    throw new GatewayError(
      'conflict',
      `A provider named "${name}" is already registered. Remove it first, change it with PATCH, or choose another name.`,
      { origin: 'client', code: 'provider_exists', param: 'name' },
    )
  }

  /** Who could point a provider at another address would be sent its key. */
  #assertSameOrigin(draft: BaseProvider, document: JsonObject, held: readonly StoredKey[]): void {
    if (held.length === 0) return
    const { manager } = this.#options
    const before = validated(registerBody, registeredBody(document))
    const was = bindingOf(manager.draftProvider(toProviderConfig(before), { source: 'remote' }))
    const is = bindingOf(draft)
    if (was.origin === is.origin && was.providerType === is.providerType) return
    throw new GatewayError(
      'conflict',
      `The key of this provider was entered for ${was.origin} and is sent nowhere else. Send the key for ${is.origin} as api_key with this change.`,
      { origin: 'client', code: 'key_bound_to_origin', param: 'base_url' },
    )
  }

  #notStored(name: string): GatewayError {
    const { manager } = this.#options
    manager.getProvider(name)
    return new GatewayError(
      'conflict',
      `The provider "${name}" was not registered over the API, so it cannot be changed there. It can be removed until the next start.`,
      { origin: 'client', code: 'provider_not_stored', param: 'name' },
    )
  }
}

interface Enabling {
  readonly key?: string
  readonly persist?: boolean
}

interface KeepingProvider {
  readonly body: RegisterBody
  readonly keys: readonly LabelledKey[]
  readonly draft: BaseProvider
  readonly expected: Expected
  /** What stands for the keys that it has, where none is given. */
  readonly held?: readonly StoredKey[]
}

function withoutNulls(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}
