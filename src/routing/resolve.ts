// From the model name a client says to the provider and model it means: pure, over a snapshot of what is known.
import { GatewayError } from '../canonical/errors.ts'
import type { Choice } from '../exchange/choice.ts'
import type { Target } from '../exchange/exchange.ts'
import { nearestNames } from './nearest.ts'

/** One provider as routing sees it. */
export interface KnownProvider {
  readonly name: string
  readonly enabled: boolean
  /** The model names it lists; absent when the list could not be had. */
  readonly models?: readonly string[]
  readonly defaultModel?: string
}

/** Everything a name is resolved against, at one moment. */
export interface ModelSnapshot {
  /** In order of registration. */
  readonly providers: readonly KnownProvider[]
  /** Another name for a name; the value may itself be an alias. */
  readonly aliases: Readonly<Record<string, string>>
  readonly defaultProvider?: string
}

/** Which of the rules of `resolveModel` decided, in their order. */
export type ResolutionRule =
  | 'provider/model'
  | 'provider'
  | 'default'
  | 'only-owner'
  | 'default-owner'
  | 'unlisted'
  | 'route'

/** A target, and why it is the one. */
export interface Resolution {
  readonly target: Target
  readonly rule: ResolutionRule
  /** The name that was asked for, then what each alias made of it. */
  readonly names: readonly string[]
  /** Of a route: `target` is then only the first of its candidates. */
  readonly choice?: Choice
}

/**
 * The target a model name stands for. In this order: an alias; `provider/model`; a provider's own name, which is its
 * default model; a model that one provider lists; a model that several list, the default provider among them; an
 * unlisted model, when the default provider's list could not be had. `x` and `x:latest` are the same name, and an
 * empty name is the default provider's default model.
 *
 * Throws `not_found` with code `model_not_found` (with the nearest names), `ambiguous_model` (with the choices) or
 * `no_provider`, and `permission` with code `provider_disabled`.
 */
export function resolveModel(name: string, snapshot: ModelSnapshot): Target {
  return resolved(name, snapshot).target
}

/** As resolveModel, with the reason. */
export function resolved(name: string, snapshot: ModelSnapshot): Resolution {
  const { names, wanted } = unaliased(name, snapshot)
  const { provider, model } = split(wanted, snapshot)
  if (provider === undefined && wanted === '') throw noProvider()
  if (provider === undefined) return { ...resolveByLists({ names, wanted }, snapshot), names }
  if (model === '') {
    const rule = wanted === '' ? 'default' : 'provider'
    return { target: defaultModelOf(usable(provider)), rule, names }
  }
  const target = { provider: usable(provider).name, model: listed(provider, model) ?? model }
  return { target, rule: 'provider/model', names }
}

/** The provider that a name carries, whatever the lists say; undefined for a bare model name. */
export function namedProvider(name: string, snapshot: ModelSnapshot): KnownProvider | undefined {
  return split(unaliased(name, snapshot).wanted, snapshot).provider
}

/** The providers whose model lists decide what a name means: none for `provider/model`, so that no list is waited for. */
export function listsNeeded(name: string, snapshot: ModelSnapshot): readonly string[] {
  const { provider, model } = split(unaliased(name, snapshot).wanted, snapshot)
  if (provider === undefined) {
    return snapshot.providers.filter((entry) => entry.enabled).map((entry) => entry.name)
  }
  return model === '' && provider.defaultModel === undefined ? [provider.name] : []
}

interface SplitName {
  readonly provider: KnownProvider | undefined
  /** Empty for the provider's default model. */
  readonly model: string
}

/** A provider is named by nothing (the default one), by the whole of a name or by its first segment. */
function split(wanted: string, snapshot: ModelSnapshot): SplitName {
  if (wanted === '') {
    return { provider: findProvider(snapshot.defaultProvider ?? '', snapshot), model: '' }
  }
  const whole = findProvider(untagged(wanted), snapshot)
  if (whole !== undefined) return { provider: whole, model: '' }
  const slash = wanted.indexOf('/')
  const provider = slash === -1 ? undefined : findProvider(wanted.slice(0, slash), snapshot)
  return { provider, model: wanted.slice(slash + 1) }
}

/** A provider by its name; throws `not_found` with code `provider_not_found` and the known names. */
export function resolveProvider(name: string, snapshot: ModelSnapshot): KnownProvider {
  const provider = findProvider(name, snapshot)
  if (provider !== undefined) return usable(provider)
  const known = snapshot.providers.map((entry) => entry.name)
  throw new GatewayError(
    'not_found',
    `There is no provider called "${shown(name)}". ${
      known.length === 0 ? 'No provider is registered.' : `Known: ${known.join(', ')}.`
    }`,
    { origin: 'client', code: 'provider_not_found', param: 'provider' },
  )
}

/** Every name a client may ask with, aliases last. */
export function askableNames(snapshot: ModelSnapshot): readonly string[] {
  return [
    ...snapshot.providers
      .filter((provider) => provider.enabled)
      .flatMap((provider) => (provider.models ?? []).map((model) => `${provider.name}/${model}`)),
    ...Object.keys(snapshot.aliases),
  ]
}

function resolveByLists(asked: Unaliased, snapshot: ModelSnapshot): Omit<Resolution, 'names'> {
  const { wanted } = asked
  const owners = snapshot.providers.flatMap((provider) => {
    const model = provider.enabled ? listed(provider, wanted) : undefined
    return model === undefined ? [] : [{ provider: provider.name, model }]
  })
  const [only] = owners
  if (only !== undefined && owners.length === 1) return { target: only, rule: 'only-owner' }
  const preferred = owners.find((target) => target.provider === snapshot.defaultProvider)
  if (preferred !== undefined) return { target: preferred, rule: 'default-owner' }
  if (owners.length > 1) throw ambiguous(wanted, owners)
  const fallback = findProvider(snapshot.defaultProvider ?? '', snapshot)
  if (fallback?.enabled === true && fallback.models === undefined) {
    return { target: { provider: fallback.name, model: wanted }, rule: 'unlisted' }
  }
  throw unknown(asked, snapshot)
}

export interface Unaliased {
  readonly names: readonly string[]
  /** The last of them. */
  readonly wanted: string
}

/** What the aliases make of a name. Throws `alias_cycle`. */
export function unaliased(name: string, snapshot: ModelSnapshot): Unaliased {
  const seen = new Set<string>()
  let current = name.trim()
  for (;;) {
    const next = aliasOf(current, snapshot)
    if (next === undefined && seen.size === 0) return { names: [current], wanted: current }
    if (next === undefined) return { names: [...seen, current], wanted: current }
    if (seen.has(current)) {
      throw new GatewayError(
        'invalid_request',
        `The alias "${shown(name)}" leads back to itself: ${[...seen, current].join(' -> ')}. Correct \`aliases\` in the configuration.`,
        { code: 'alias_cycle', param: 'model' },
      )
    }
    seen.add(current)
    current = next
  }
}

function aliasOf(name: string, { aliases }: ModelSnapshot): string | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name]
  const bare = untagged(name)
  return bare !== name && Object.hasOwn(aliases, bare) ? aliases[bare] : undefined
}

function findProvider(name: string, snapshot: ModelSnapshot): KnownProvider | undefined {
  return snapshot.providers.find((provider) => provider.name === name)
}

function noProvider(): GatewayError {
  return new GatewayError(
    'not_found',
    'There is no default provider, so there is no default model. Register a provider first, or name a model.',
    { code: 'no_provider', param: 'model' },
  )
}

function usable(provider: KnownProvider): KnownProvider {
  if (provider.enabled) return provider
  throw new GatewayError(
    'permission',
    `The provider "${provider.name}" is disabled. Enable it, or choose another provider.`,
    { code: 'provider_disabled', param: 'model' },
  )
}

function defaultModelOf(provider: KnownProvider): Target {
  const model = provider.defaultModel ?? provider.models?.[0]
  if (model !== undefined) return { provider: provider.name, model }
  throw new GatewayError(
    'not_found',
    `The provider "${provider.name}" has no default model. Ask for "${provider.name}/<model>", or set its default model.`,
    { code: 'model_not_found', param: 'model' },
  )
}

/** The provider's own spelling of a model it lists. */
function listed(provider: KnownProvider, model: string): string | undefined {
  const { models } = provider
  if (models === undefined) return undefined
  return models.includes(model) ? model : spellingsIn(models).get(untagged(model))
}

const spellings = new WeakMap<readonly string[], ReadonlyMap<string, string>>()

/** What each model of a list is called there, by its name without a tag; found once for a list. */
function spellingsIn(models: readonly string[]): ReadonlyMap<string, string> {
  const known = spellings.get(models)
  if (known !== undefined) return known
  // The first of several comes last, and stays.
  const found = new Map(models.toReversed().map((model) => [untagged(model), model]))
  spellings.set(models, found)
  return found
}

function untagged(name: string): string {
  return name.endsWith(':latest') ? name.slice(0, -':latest'.length) : name
}

function ambiguous(wanted: string, owners: readonly Target[]): GatewayError {
  const choices = owners.map((target) => `"${target.provider}/${target.model}"`)
  return new GatewayError(
    'not_found',
    `The model "${shown(wanted)}" is offered by several providers. Say which: ${choices.join(', ')}.`,
    { origin: 'client', code: 'ambiguous_model', param: 'model' },
  )
}

function unknown({ names, wanted }: Unaliased, snapshot: ModelSnapshot): GatewayError {
  const providers = snapshot.providers.filter((provider) => provider.enabled)
  const near = nearestNames(wanted, [
    ...askableNames(snapshot),
    ...providers.map((provider) => provider.name),
  ])
  const hint =
    near.length === 0
      ? 'List the models to see what there is.'
      : `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`
  const [alias = ''] = names
  const why = names.length > 1 ? `, which the alias "${shown(alias)}" stands for` : ''
  return new GatewayError('not_found', `There is no model "${shown(wanted)}"${why}. ${hint}`, {
    origin: 'client',
    code: 'model_not_found',
    param: 'model',
  })
}

const SHOWN_LENGTH = 120

/** A client's word inside a message: cut, and without control characters. */
export function shown(word: string): string {
  const clean = word.replaceAll(/\p{Cc}/gu, '?')
  return clean.length > SHOWN_LENGTH ? `${clean.slice(0, SHOWN_LENGTH)}...` : clean
}
