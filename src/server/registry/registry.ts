// Providers and routes that are registered while Patchbay runs: stored, heard of by every gateway on the same database, and put in force beside what the file names.
import { compact } from '../../canonical/compact.ts'
import { toGatewayError } from '../../canonical/errors.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { NewerList } from '../../prices/price-list.ts'
import type { ProviderConfig } from '../../providers/provider-config.ts'
import type { Route } from '../../routing/route.ts'
import type { DocumentChange } from '../../store/documents/document.ts'
import type { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import type { Vault } from '../../vault/vault.ts'
import { LiveKeys } from './live-keys.ts'
import { bindingOf, withKeys } from './provider-keys.ts'
import type { Aside, Source } from './source.ts'
import { type Kept, type Standing, standingOf } from './standing.ts'
import { type StoredProvider, storedProvider } from './stored-provider.ts'
import { storedRoute } from './stored-route.ts'

export const KINDS = { provider: 'provider', route: 'route', setting: 'setting' } as const
/** The setting that names the default provider. */
export const DEFAULT_PROVIDER = 'default_provider'

export interface RegistryOptions {
  readonly documents: WatchedDocuments
  readonly manager: ProviderManager
  /** The configuration in force. */
  readonly config: () => PatchbayConfig
  /** The list of prices in force beside the one that comes along. */
  readonly newerPrices: () => NewerList | undefined
  /** Absent: keys of providers cannot be kept. */
  readonly vault?: Vault
  /** Closes providers whose place was taken once the calls before have ended. */
  readonly retire: (close: () => Promise<void>) => void
  /** Hears why a change that came from elsewhere could not be put in force. */
  readonly failed: (thrown: unknown) => void
}

export class Registry {
  readonly #options: RegistryOptions
  readonly #providers = new Map<string, Kept<StoredProvider>>()
  readonly #routes = new Map<string, Kept<Route>>()
  readonly #live: LiveKeys
  #defaultName: string | undefined
  /** What was put in force last: of it, whatever is not named again goes. */
  #applied: { readonly providers: readonly string[]; readonly routes: readonly string[] } = {
    providers: [],
    routes: [],
  }
  #standing: Standing = { providers: [], routes: [], shadowed: [], broken: [] }
  #isOpen = false
  readonly #callOff: (() => void)[] = []

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#live = new LiveKeys(options.manager)
  }

  /** Reads what is stored and goes on hearing of changes. Nothing is in force before `apply`. */
  async open(): Promise<void> {
    const { documents, vault } = this.#options
    this.#callOff.push(
      await documents.follow(KINDS.provider, (change) => this.#heard(change, this.#providers)),
      await documents.follow(KINDS.route, (change) => this.#heard(change, this.#routes)),
      await documents.follow(KINDS.setting, (change) => this.#heardSetting(change)),
    )
    if (vault !== undefined) this.#callOff.push(vault.onChange(() => this.#renew()))
    this.#isOpen = true
  }

  close(): void {
    this.#isOpen = false
    for (const callOff of this.#callOff.splice(0)) callOff()
  }

  /** Puts in force what a configuration names and what is stored beside it. Throws with nothing changed. Gives how to close what went. */
  apply(
    next: PatchbayConfig = this.#options.config(),
    newerPrices: NewerList | undefined = this.#options.newerPrices(),
  ): () => Promise<void> {
    const { manager } = this.#options
    const standing = this.#standingWith(next)
    const routes = [...(next.routes ?? []), ...standing.routes]
    const close = manager.reconfigure({
      providers: next.providers,
      stored: this.#live.asBuilt(standing.providers),
      routes,
      aliases: next.aliases,
      limits: compact({ rules: next.limits.rules ?? [], outputReserve: next.limits.outputReserve }),
      before: this.#applied,
      ...compact({
        prices: next.prices,
        newerPrices,
        defaultProvider: this.#defaultIn(next, standing),
      }),
    })
    this.#live.applied(standing.providers)
    this.#standing = standing
    this.#applied = {
      providers: [...next.providers, ...standing.providers].map(({ name }) => name),
      routes: routes.map(({ name }) => name),
    }
    return close
  }

  /** As the operator's file has it, else as it was chosen while it ran. */
  get defaultName(): string | undefined {
    return this.#options.config().defaultProvider ?? this.#defaultName
  }

  /** Where the configuration in force stands. */
  get file(): string | undefined {
    return this.#options.config().file
  }

  get shadowed(): readonly Aside[] {
    return this.#standing.shadowed
  }

  get broken(): readonly Aside[] {
    return this.#standing.broken
  }

  /** Undefined where nothing of the name is stored. */
  storedProvider(name: string): Kept<StoredProvider> | undefined {
    return this.#providers.get(name)
  }

  storedRoute(name: string): Kept<Route> | undefined {
    return this.#routes.get(name)
  }

  /** All that are stored and can be read. */
  storedProviders(): readonly StoredProvider[] {
    return [...this.#providers.values()].flatMap((kept) => ('value' in kept ? [kept.value] : []))
  }

  isInFile(kind: 'provider' | 'route', name: string): boolean {
    const { providers, routes = [] } = this.#options.config()
    return (kind === 'provider' ? providers : routes).some((one) => one.name === name)
  }

  /** Undefined where it is none of the file's and not stored. */
  sourceOf(kind: 'provider' | 'route', name: string): Extract<Source, 'file' | 'api'> | undefined {
    if (this.isInFile(kind, name)) return 'file'
    const inForce = kind === 'provider' ? this.#standing.providers : this.#standing.routes
    return inForce.some((one) => one.name === name) ? 'api' : undefined
  }

  #standingWith(config: PatchbayConfig): Standing {
    const { manager, vault } = this.#options
    const ours = new Set(this.#applied.providers)
    const bindingFor = (one: ProviderConfig): ReturnType<typeof bindingOf> =>
      bindingOf(manager.draftProvider(one, { source: 'remote' }))
    const providers = [...this.#providers].map(([name, kept]): [string, Kept<ProviderConfig>] => {
      if ('unreadable' in kept) return [name, kept]
      const { version, value } = kept
      return [name, { version, value: withKeys(value, vault, bindingFor) }]
    })
    return standingOf({
      config,
      providers: new Map(providers),
      routes: this.#routes,
      otherProviders: manager
        .listProviders()
        .map(({ name }) => name)
        .filter((name) => !ours.has(name) && !this.#providers.has(name)),
      assertBuildable: (one) => void manager.draftProvider(one, { source: 'remote' }),
    })
  }

  /** Of a name that is not there (any more) nothing is said: whoever is the default stays it. */
  #defaultIn(
    { defaultProvider, providers }: PatchbayConfig,
    standing: Standing,
  ): string | undefined {
    if (!this.#isOpen || defaultProvider !== undefined) return defaultProvider
    const name = this.#defaultName
    if (name === undefined) return undefined
    const named = [...providers, ...standing.providers].map((one) => one.name)
    const isAnother =
      !this.#applied.providers.includes(name) &&
      this.#options.manager.findProvider(name) !== undefined
    const isKnown = named.includes(name) || isAnother
    return isKnown ? name : undefined
  }

  #heard(
    change: DocumentChange,
    all: Map<string, Kept<StoredProvider>> | Map<string, Kept<Route>>,
  ): void {
    const { id } = change
    if (change.body === undefined) all.delete(id)
    else if (change.kind === KINDS.provider) this.#providers.set(id, read(change, storedProvider))
    else this.#routes.set(id, read(change, storedRoute))
    this.#renew()
  }

  #heardSetting({ id, body }: DocumentChange): void {
    if (id !== DEFAULT_PROVIDER) return
    const name = body?.['name']
    this.#defaultName = typeof name === 'string' ? name : undefined
    this.#renew()
  }

  #renew(): void {
    if (!this.#isOpen) return
    try {
      this.#options.retire(this.apply())
    } catch (thrown) {
      this.#options.failed(thrown)
    }
  }
}

function read<T>(
  { id, version, body }: DocumentChange,
  parse: (name: string, body: NonNullable<DocumentChange['body']>) => T,
): Kept<T> {
  try {
    return { version, value: parse(id, body ?? {}) }
  } catch (thrown) {
    return { version, unreadable: toGatewayError(thrown).message }
  }
}
