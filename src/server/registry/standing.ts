// What is in force of what is stored, beside a file that wins for what it names.
import { toGatewayError } from '../../canonical/errors.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { ProviderConfig } from '../../providers/provider-config.ts'
import type { Route } from '../../routing/route.ts'
import type { Aside } from './source.ts'

/** Something stored, or why it cannot be read. */
export type Kept<T> =
  | { readonly version: number; readonly value: T }
  | { readonly version: number; readonly unreadable: string }

export interface StandingInput {
  readonly config: Pick<PatchbayConfig, 'providers' | 'routes' | 'aliases' | 'file'>
  readonly providers: ReadonlyMap<string, Kept<ProviderConfig>>
  readonly routes: ReadonlyMap<string, Kept<Route>>
  /** Of providers that are neither in the file nor stored. */
  readonly otherProviders: readonly string[]
  /** Throws where no provider can be built from it. */
  readonly assertBuildable: (config: ProviderConfig) => void
}

export interface Standing {
  readonly providers: readonly ProviderConfig[]
  readonly routes: readonly Route[]
  /** Kept, but not in force, because its name is taken. */
  readonly shadowed: readonly Aside[]
  /** Kept, but of no use. */
  readonly broken: readonly Aside[]
}

export function standingOf(input: StandingInput): Standing {
  const { config, otherProviders } = input
  const shadowed: Aside[] = []
  const broken: Aside[] = []
  const where = config.file ?? 'the configuration'
  const fromFile = new Set(config.providers.map(({ name }) => name))
  const routesInFile = new Set((config.routes ?? []).map(({ name }) => name))
  const providers: ProviderConfig[] = []
  for (const [name, kept] of input.providers) {
    const aside = { kind: 'provider' as const, name }
    if (fromFile.has(name)) {
      shadowed.push({ ...aside, reason: `${where} names a provider "${name}", which wins.` })
    } else if (routesInFile.has(name)) {
      shadowed.push({ ...aside, reason: `${where} names a route "${name}", which wins.` })
    } else if ('unreadable' in kept) broken.push({ ...aside, reason: kept.unreadable })
    else {
      const reason = reasonAgainst(kept.value, input)
      if (reason === undefined) providers.push(kept.value)
      else broken.push({ ...aside, reason })
    }
  }
  const taken = new Set([...fromFile, ...providers.map(({ name }) => name), ...otherProviders])
  const routes: Route[] = []
  for (const [name, kept] of input.routes) {
    const aside = { kind: 'route' as const, name }
    if (routesInFile.has(name)) {
      shadowed.push({ ...aside, reason: `${where} names a route "${name}", which wins.` })
    } else if (taken.has(name)) {
      shadowed.push({ ...aside, reason: `There is a provider "${name}".` })
    } else if (Object.hasOwn(config.aliases, name)) {
      shadowed.push({ ...aside, reason: `${where} names an alias "${name}", which wins.` })
    } else if ('unreadable' in kept) broken.push({ ...aside, reason: kept.unreadable })
    else routes.push(kept.value)
  }
  return { providers, routes, shadowed, broken }
}

function reasonAgainst(
  config: ProviderConfig,
  { assertBuildable }: StandingInput,
): string | undefined {
  try {
    assertBuildable(config)
    return undefined
  } catch (thrown) {
    return toGatewayError(thrown).message
  }
}
