// Every route of the server, in one list: what is not here is not served.
import type { Dialect, RequestHint } from '../../dialects/dialect.ts'
import type { ChatExchange } from '../../exchange/exchange.ts'
import type { Explanation } from '../../pipeline/explanation.ts'
import type { LLMProvider } from '../../providers/llm-provider.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { TargetHealth } from '../../resilience/target-health.ts'
import type { RouteTable } from '../../routing/route-table.ts'
import type { Database } from '../../store/operation.ts'
import type { ContentCipher } from '../contents/content-cipher.ts'
import type { ChatDesk } from '../chat.ts'
import type { ReloadReport } from '../reload.ts'
import { frontRoutes } from '../front.ts'
import { keptRoutes } from '../kept-front.ts'
import type { Readiness } from '../readiness.ts'
import { openApiRoute } from '../openapi.ts'
import { writePlainError } from '../plain-error.ts'
import type { Registrar } from '../registry/registrar.ts'
import type { Registry } from '../registry/registry.ts'
import type { Sources } from '../registry/sources.ts'
import type { ErrorWriter, Route } from '../route.ts'
import { isForAdmin } from '../split-application.ts'
import { chatMultiRoute } from './chat-multi.ts'
import { chatRoute } from './chat.ts'
import { contentRoutes } from './contents.ts'
import { credentialRoutes } from './credentials.ts'
import { explainRoute } from './explain.ts'
import { homeRoute } from './home.ts'
import { pricesRoute } from './prices.ts'
import { probeRoutes } from './probes.ts'
import { reloadRoute } from './reload.ts'
import { providerModelRoutes } from './provider-models.ts'
import { providerRoutes } from './providers.ts'
import { routeRoutes } from './routes.ts'
import { statusRoute } from './status.ts'
import { testConnectionRoute } from './test-connection.ts'
import { usageRoutes } from './usage.ts'

export interface ServerRoutesOptions {
  readonly dialects: readonly Dialect[]
  readonly desk: ChatDesk
  /** What the desk's handler would do, found out without asking anybody. */
  readonly explain: (exchange: ChatExchange) => Promise<Explanation>
  readonly manager: ProviderManager
  /** What is registered while it runs. */
  readonly registry: Registry
  readonly registrar: Registrar
  readonly sources: Sources
  readonly routes: RouteTable
  readonly targets: TargetHealth
  /** Of what watches the server at work, and of what is opened beside it. */
  readonly watching: readonly Route[]
  /** Of the budgets. */
  readonly budgets: readonly Route[]
  /** Of keys and teams. */
  readonly keys: readonly Route[]
  /** Whether it takes new calls. */
  readonly readiness: () => Readiness
  /** Puts the configuration as it is now in force. */
  readonly reload: () => Promise<ReloadReport>
  /** Where usage is recorded. */
  readonly database: Database
  /** Of kept texts that are sealed. */
  readonly contentCipher: ContentCipher
  readonly llm: LLMProvider
  readonly version: string
  readonly startedAtMs: number
  /** Whether the admin has an address of its own. */
  readonly isSplit: boolean
  /** How often a minute connections may be tried out. */
  readonly testsPerMinute: () => number
}

/** Every way to chat, with what else the fronts of the dialects serve. */
export function chatRoutes(
  options: Pick<ServerRoutesOptions, 'dialects' | 'desk' | 'llm' | 'version'>,
): readonly Route[] {
  const { dialects, desk, llm, version } = options
  return [
    chatRoute({ desk, llm }),
    chatMultiRoute(desk),
    ...dialects.flatMap((dialect) => frontRoutes(dialect, { desk, version })),
  ]
}

/** Patchbay's own routes first, then the front of each dialect. */
export function serverRoutes(options: ServerRoutesOptions): readonly Route[] {
  const { dialects, desk, manager, llm, version, startedAtMs } = options
  const chats = chatRoutes(options)
  const routes = [
    ...providerRoutes(options),
    testConnectionRoute({
      manager,
      now: desk.now,
      after: desk.after,
      perMinute: options.testsPerMinute,
    }),
    ...credentialRoutes(options),
    ...providerModelRoutes({ manager, directory: desk.directory, targets: options.targets }),
    pricesRoute({ manager, directory: desk.directory }),
    ...routeRoutes({
      directory: desk.directory,
      routes: options.routes,
      targets: options.targets,
      registrar: options.registrar,
      registry: options.registry,
      sources: options.sources,
    }),
    explainRoute({ directory: desk.directory, explain: options.explain, dialects, chats }),
    ...options.keys,
    ...options.watching,
    ...options.budgets,
    ...probeRoutes(options.readiness),
    reloadRoute(options.reload),
    statusRoute({ llm, version, now: desk.now, startedAtMs }),
    ...contentRoutes({
      database: options.database,
      now: desk.now,
      cipher: options.contentCipher,
    }),
    ...usageRoutes({ database: options.database, now: desk.now }),
    ...chats,
    ...dialects.flatMap((dialect) => keptRoutes(dialect, desk)),
  ]
  const offered = routes.filter(({ description }) => description.refusing !== true)
  const described = [...homes(offered, options), ...routes]
  return [...described, openApiRoute({ version, routes: described })]
}

/** Method and path of each place, once. */
function doorsOf(routes: readonly Route[]): readonly string[] {
  return [...new Set(routes.map((route) => `${route.method} ${route.path}`))]
}

/** The page at the root; where the admin has an address of its own, one at each, with the doors that are there. */
function homes(
  routes: readonly Route[],
  { version, isSplit }: Pick<ServerRoutesOptions, 'version' | 'isSplit'>,
): readonly Route[] {
  if (!isSplit) return [homeRoute({ version, doors: doorsOf(routes) })]
  const own = routes.filter((route) => isForAdmin(route))
  const others = routes.filter((route) => !isForAdmin(route))
  return [
    homeRoute({ version, doors: doorsOf(others) }),
    homeRoute({ version, doors: doorsOf(own), where: 'admin' }),
  ]
}

/**
 * Under a dialect's prefix, and below a place of its own, even a wrong path is answered in that dialect; elsewhere in the one
 * whose client it is by its headers, else in the one that lists its models beside it.
 */
export function errorWriterOf(dialects: readonly Dialect[]): (hint: RequestHint) => ErrorWriter {
  return (hint) => {
    const owner =
      dialects.find((dialect) => isBelow(hint.path, dialect)) ??
      dialects.find(({ endpoints }) => endpoints.some(({ claims }) => claims?.(hint) === true)) ??
      dialects.find((dialect) => isBeside(hint.path, dialect))
    if (owner === undefined) return writePlainError
    return (error, requestId) => owner.error.encode(error, requestId)
  }
}

/** Whether a path lies under the dialect's prefix, or under a place that is its alone. */
function isBelow(path: string, { prefix, endpoints, keeping }: Dialect): boolean {
  const own = endpoints.filter(({ claims }) => claims === undefined)
  const unserved = keeping?.unserved ?? []
  return (
    unserved.some((place) => path === place.path) ||
    [prefix, ...[...own, ...unserved].map((place) => place.path)].some((place) =>
      path.startsWith(`${place}/`),
    )
  )
}

/** Whether a path has the base of the dialect's list of models: `/v1`, which most have, is its whose list is there unasked. */
function isBeside(path: string, { endpoints }: Dialect): boolean {
  const [base = ''] = /^\/[^/]+(?=\/)/.exec(path) ?? []
  return (
    base !== '' &&
    endpoints.some(
      ({ operation, claims, path: place }) =>
        operation === 'models' && claims === undefined && place === `${base}/models`,
    )
  )
}
