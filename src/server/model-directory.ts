// Which models there are, by provider: listed in parallel, remembered for a moment, and resolved for a given caller.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { Target } from '../exchange/exchange.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import type { ProviderManager } from '../providers/manager.ts'
import { choiceOf, firstOf } from '../routing/choice.ts'
import type { Route } from '../routing/route.ts'
import type { RouteTable } from '../routing/route-table.ts'
import {
  type KnownProvider,
  type ModelSnapshot,
  type Resolution,
  listsNeeded,
  namedProvider,
  resolveModel,
  resolveProvider,
  resolved,
  unaliased,
} from '../routing/resolve.ts'
import { type Caller, keyNeeded, mayAskFor, mayUse } from './auth.ts'
import { asNotAllowed, notAllowed } from './keys/not-allowed.ts'
import type { After } from './message.ts'

export interface ModelDirectoryOptions {
  readonly manager: ProviderManager
  /** Read anew for each call. */
  readonly aliases: Readonly<Record<string, string>>
  /** Absent: there are none. */
  readonly routes?: RouteTable
  /** Milliseconds. */
  readonly now: () => number
  readonly after: After
}

/** What a client says of the model it wants. */
export interface AskedModel {
  /** Any name that `resolveModel` knows; empty for the default model. */
  readonly model: string
  /** Where the protocol names the provider apart; `model` is then a name of that provider's own. */
  readonly provider?: string
}

/** What a name means by what is remembered, or why it means nothing. */
export interface Recalled {
  readonly outcome: Resolution | GatewayError
  /** Providers whose lists a call would have asked for first. */
  readonly unlisted: readonly string[]
}

/** What is known of a provider's models. */
type Memory = (provider: BaseProvider) => readonly ModelCard[] | undefined

/** Who asks, and all that is known, whether they may hear of it or not. */
interface Sight {
  readonly caller: Caller
  readonly all: ModelSnapshot
}

/** A provider as routing sees it, for as long as nothing of it changes: lists may be long, and every call looks at them. */
interface View {
  readonly cards: readonly ModelCard[] | undefined
  readonly known: KnownProvider
}

interface Listing {
  readonly startedAt: number
  /** Undefined when the list could not be had. */
  readonly cards: Promise<readonly ModelCard[] | undefined>
  settled?: { readonly cards: readonly ModelCard[] | undefined }
}

/** How long a list stays true, in milliseconds. */
const LIST_AGE = 30_000
/** A list that could not be had is asked for again after this. */
const FAILURE_AGE = 5000
/** A provider that does not answer in this time has no list, so that it holds nobody up. */
const LIST_WAIT = 5000

export class ModelDirectory {
  readonly #options: ModelDirectoryOptions
  readonly #listings = new WeakMap<BaseProvider, Listing>()
  readonly #views = new WeakMap<BaseProvider, View>()

  constructor(options: ModelDirectoryOptions) {
    this.#options = options
  }

  /**
   * The target, or the targets of a route, that a name means for this caller. A name that means only providers out of the caller's reach is an
   * `auth` error, or `permission` where its key has a scope; what the caller may not use is never suggested.
   */
  async resolve(asked: AskedModel, caller: Caller): Promise<Resolution> {
    try {
      const all = this.#snapshot()
      const name = this.#nameOf(asked, { caller, all })
      const needed = this.#needed(name, { caller, all })
      if (needed.size === 0) return this.#allowed(name, { caller, all })
      await this.#load((provider) => needed.has(provider.name))
      return this.#allowed(name, { caller, all: this.#snapshot() })
    } catch (thrown) {
      throw asNotAllowed(thrown, wordOf(asked), caller)
    }
  }

  /** As resolve, with the reason, and without asking anybody: by the lists that are remembered. */
  async recall(asked: AskedModel, caller: Caller): Promise<Recalled> {
    try {
      return await this.#recall(asked, caller)
    } catch (thrown) {
      throw asNotAllowed(thrown, wordOf(asked), caller)
    }
  }

  async #recall(asked: AskedModel, caller: Caller): Promise<Recalled> {
    const sight = { caller, all: this.#snapshot() }
    const name = this.#nameOf(asked, sight)
    const needed = this.#needed(name, sight)
    const told = new Map<BaseProvider, readonly ModelCard[]>()
    const unlisted: string[] = []
    for (const provider of this.#options.manager.listProviders()) {
      if (!needed.has(provider.name) || this.#known(provider) !== undefined) continue
      const cards = await provider.knownModels()
      if (cards !== undefined) told.set(provider, cards)
      if (!provider.listsFreely && mayUse(caller, provider)) unlisted.push(provider.name)
    }
    const memory: Memory = (provider) => this.#known(provider) ?? told.get(provider)
    try {
      return { outcome: this.#allowed(name, { caller, all: this.#snapshot(memory) }), unlisted }
    } catch (thrown) {
      const told = asNotAllowed(thrown, wordOf(asked), caller)
      return { outcome: toGatewayError(told), unlisted }
    }
  }

  #nameOf({ provider, model }: AskedModel, sight: Sight): string {
    if (/\p{Cc}/u.test(model)) throw badName()
    if (provider === undefined) return model
    if (this.#provider(provider) === undefined) resolveProvider(provider, this.#seen(sight))
    return model === '' ? provider : `${provider}/${model}`
  }

  /** The providers whose lists decide what a name means; throws where it names one that is out of reach. */
  #needed(name: string, { caller, all }: Sight): ReadonlySet<string> {
    const route = this.#route(name, all)
    if (route !== undefined) {
      return new Set(route.targets.flatMap(({ model }) => listsNeeded(model, all)))
    }
    const named = namedProvider(name, all)
    if (named !== undefined && named.enabled && !this.#reaches(caller, named.name)) {
      throw closed(named.name, caller)
    }
    return new Set(listsNeeded(name, all))
  }

  /** Of a route, its targets are those that the caller may ask; any other name means one target. */
  #allowed(name: string, sight: Sight): Resolution {
    const resolution = this.#resolved(name, sight)
    if (resolution.choice !== undefined || mayAskFor(sight.caller, resolution.target)) {
      return resolution
    }
    throw notAllowed(name)
  }

  #resolved(name: string, sight: Sight): Resolution {
    const { caller, all } = sight
    const route = this.#route(name, all)
    if (route !== undefined) return this.#chosen(name, route, sight)
    if (namedProvider(name, all) !== undefined) return resolved(name, all)
    try {
      return resolved(name, this.#seen(sight))
    } catch (refused) {
      const target = attempted(name, all)
      if (target === undefined || this.#reaches(caller, target.provider)) throw refused
      throw closed(target.provider, caller)
    }
  }

  /** A route or an alias of one. */
  #route(name: string, all: ModelSnapshot): Route | undefined {
    return this.#options.routes?.find(unaliased(name, all).wanted)
  }

  #chosen(name: string, route: Route, sight: Sight): Resolution {
    const { caller, all } = sight
    const { names } = unaliased(name, all)
    const targets = this.#reachable(route, sight)
    if (targets.length === 0) {
      if (caller.kind === 'client') throw notAllowed(name)
      throw keyNeeded(caller, `The route "${route.name}" answers nobody without a key.`)
    }
    const choice = choiceOf({ ...route, targets }, this.#seen(sight))
    return { target: firstOf(choice), rule: 'route', names, choice }
  }

  /** Without those that the caller may not even hear of. */
  #reachable({ targets }: Route, { caller, all }: Sight): Route['targets'] {
    return targets.filter(({ model }) => {
      const target = attempted(model, all)
      if (target === undefined) return caller.kind !== 'client'
      return this.#reaches(caller, target.provider) && mayAskFor(caller, target)
    })
  }

  /** The models this caller may use, as `provider/model`, then the aliases and the routes. */
  async cards(caller: Caller): Promise<readonly ModelCard[]> {
    await this.#load((provider) => mayUse(caller, provider))
    const listed = this.#providers(caller).flatMap((provider) =>
      this.#askable(provider, caller).map((card) => this.#named(provider, card)),
    )
    const sight = { caller, all: this.#snapshot() }
    const snapshot = this.#seen(sight)
    const aliases = Object.keys(this.#options.aliases).flatMap((alias) => {
      const target = attempted(alias, snapshot)
      if (target === undefined || !mayAskFor(caller, target)) return []
      return [{ ...this.#cardOf(target), id: alias }]
    })
    const routes = (this.#options.routes?.list() ?? []).flatMap((route) => {
      const target = this.#attemptedRoute(route, sight)
      return target === undefined ? [] : [{ ...this.#cardOf(target), id: route.name }]
    })
    return [...listed, ...aliases, ...routes]
  }

  /** The first target of a route that the caller may use. */
  #attemptedRoute(route: Route, sight: Sight): Target | undefined {
    try {
      return this.#chosen(route.name, route, sight).target
    } catch {
      return undefined
    }
  }

  /** The models of this caller's providers that are in memory now; a provider that cannot tell in time has none. */
  async running(caller: Caller): Promise<readonly ModelCard[]> {
    const lists = await Promise.all(
      this.#providers(caller).map(async (provider) => {
        const cards = await this.#patiently(async (signal) => provider.runningModels(signal))
        return (cards ?? [])
          .filter(({ id }) => mayAskFor(caller, { provider: provider.name, model: id }))
          .map((card) => this.#named(provider, card))
      }),
    )
    return lists.flat()
  }

  /** One model by any name a client may ask with; throws `not_found` when its provider does not list it. */
  async card(name: string, caller: Caller): Promise<ModelCard> {
    const { target } = await this.resolve({ model: name }, caller)
    await this.#load((provider) => provider.name === target.provider)
    const provider = this.#provider(target.provider)
    const isListed = provider !== undefined && this.#known(provider) !== undefined
    const known = isListed ? this.#askable(provider, caller) : undefined
    if (known !== undefined && !known.some((card) => card.id === target.model)) {
      const listed = new Set(known.map((card) => card.id))
      throw new GatewayError(
        'not_found',
        `The provider "${target.provider}" has no model "${target.model}". It lists ${listed.size} models.`,
        { origin: 'client', code: 'model_not_found', param: 'model' },
      )
    }
    const card = this.#cardOf(target)
    const isOwn =
      Object.hasOwn(this.#options.aliases, name) ||
      this.#route(name, this.#snapshot()) !== undefined
    return isOwn ? { ...card, id: name } : card
  }

  /** What a provider's list has for this caller. */
  #askable(provider: BaseProvider, caller: Caller): readonly ModelCard[] {
    return (this.#known(provider) ?? []).filter(({ id }) =>
      mayAskFor(caller, { provider: provider.name, model: id }),
    )
  }

  /** The list of one provider, fresh from its cache or from itself; undefined when it cannot be had. */
  async listOf(provider: BaseProvider): Promise<readonly ModelCard[] | undefined> {
    return this.#listing(provider).cards
  }

  async #load(wanted: (provider: BaseProvider) => boolean): Promise<void> {
    const providers = this.#options.manager.listProviders()
    await Promise.all(
      providers
        .filter((provider) => provider.enabled && wanted(provider))
        .map((provider) => this.listOf(provider)),
    )
  }

  #listing(provider: BaseProvider): Listing {
    const { now } = this.#options
    const known = this.#listings.get(provider)
    if (known !== undefined) {
      const failed = known.settled !== undefined && known.settled.cards === undefined
      if (now() - known.startedAt < (failed ? FAILURE_AGE : LIST_AGE)) return known
    }
    const listing: Listing = { startedAt: now(), cards: this.#ask(provider) }
    this.#listings.set(provider, listing)
    return listing
  }

  async #ask(provider: BaseProvider): Promise<readonly ModelCard[] | undefined> {
    const cards = await this.#patiently(async (signal) => provider.describeModels(signal))
    const listing = this.#listings.get(provider)
    if (listing !== undefined) listing.settled = { cards }
    return cards
  }

  #patiently<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const patience = new AbortController()
    return new Promise((resolve) => {
      const callOff = this.#options.after(LIST_WAIT, () => {
        patience.abort()
        resolve(undefined)
      })
      const settle = (value: T | undefined): void => {
        callOff()
        resolve(value)
      }
      ask(patience.signal).then(settle, () => settle(undefined))
    })
  }

  readonly #known: Memory = (provider) => this.#listings.get(provider)?.settled?.cards

  #providers(caller: Caller): readonly BaseProvider[] {
    return this.#options.manager
      .listProviders()
      .filter((provider) => provider.enabled && mayUse(caller, provider))
  }

  #reaches(caller: Caller, name: string): boolean {
    const provider = this.#provider(name)
    return provider !== undefined && mayUse(caller, provider)
  }

  #provider(name: string): BaseProvider | undefined {
    return this.#options.manager.findProvider(name)
  }

  #cardOf(target: Target): ModelCard {
    const provider = this.#provider(target.provider)
    const known = provider === undefined ? [] : (this.#known(provider) ?? [])
    const card = known.find((entry) => entry.id === target.model)
    return { ...card, id: `${target.provider}/${target.model}` }
  }

  #named(provider: BaseProvider, card: ModelCard): ModelCard {
    return { ...card, id: `${provider.name}/${card.id}` }
  }

  /** All that is known. */
  #snapshot(memory: Memory = this.#known): ModelSnapshot {
    const { manager, aliases } = this.#options
    const providers = manager
      .listProviders()
      .map((provider) => this.#viewOf(provider, memory(provider)))
    const defaultProvider = providers.find(({ name }) => name === manager.defaultName)?.name
    return compact({ providers, aliases, defaultProvider })
  }

  #viewOf(provider: BaseProvider, cards: View['cards']): KnownProvider {
    const { name, enabled } = provider
    const { defaultModel } = provider.config
    const view = this.#views.get(provider)
    if (
      view !== undefined &&
      view.cards === cards &&
      view.known.enabled === enabled &&
      view.known.defaultModel === defaultModel
    ) {
      return view.known
    }
    const made = compact({ name, enabled, models: cards?.map(({ id }) => id), defaultModel })
    this.#views.set(provider, { cards, known: made })
    return made
  }

  /** Of it what the caller may hear of. */
  #seen({ caller, all }: Sight): ModelSnapshot {
    const providers = all.providers
      .filter(({ name }) => this.#reaches(caller, name))
      .map((provider) => withoutClosed(provider, caller))
    const defaultProvider = providers.find(({ name }) => name === all.defaultProvider)?.name
    return compact({ providers, aliases: all.aliases, defaultProvider })
  }
}

/** Without the models that the caller's key may not ask. */
function withoutClosed(provider: KnownProvider, caller: Caller): KnownProvider {
  if (provider.models === undefined || caller.kind !== 'client') return provider
  const { name } = provider
  const models = provider.models.filter((model) => mayAskFor(caller, { provider: name, model }))
  return { ...provider, models }
}

/** What the client called it. */
function wordOf({ provider, model }: AskedModel): string {
  return provider === undefined ? model : `${provider}/${model}`
}

function attempted(name: string, snapshot: ModelSnapshot): Target | undefined {
  try {
    return resolveModel(name, snapshot)
  } catch {
    return undefined
  }
}

function closed(provider: string, caller: Caller): GatewayError {
  return keyNeeded(caller, `The provider "${provider}" answers nobody without a key.`)
}

/** Names stand in logs, headers and the ledger, where such characters mean something else. */
function badName(): GatewayError {
  return new GatewayError('invalid_request', 'The name of the model holds a control character.', {
    origin: 'client',
    code: 'invalid_model_name',
    param: 'model',
  })
}
