// Names that stand for several targets: list, show with how the targets stand, set, remove.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { route as body } from '../../config/route-schema.ts'
import type { TargetHealth } from '../../resilience/target-health.ts'
import { nearestNames } from '../../routing/nearest.ts'
import type { Route as ModelRoute, RouteTarget } from '../../routing/route.ts'
import type { RouteTable } from '../../routing/route-table.ts'
import type { JsonObject } from '../../wire/json.ts'
import type { Caller } from '../auth.ts'
import { versioned } from '../admin/precondition.ts'
import { type Outbound, jsonAnswer } from '../message.ts'
import type { ModelDirectory } from '../model-directory.ts'
import { writePlainError } from '../plain-error.ts'
import type { Registrar } from '../registry/registrar.ts'
import type { Registry } from '../registry/registry.ts'
import type { Sources } from '../registry/sources.ts'
import type { Call, Route } from '../route.ts'
import { validated } from '../validate.ts'
import { aside, asidesView } from './aside-view.ts'
import { shownRoute } from './schemas.ts'
import { standingView } from './standing-view.ts'

export interface RouteRoutesOptions {
  readonly routes: RouteTable
  readonly directory: ModelDirectory
  readonly targets: TargetHealth
  readonly registry: Registry
  readonly registrar: Registrar
  readonly sources: Sources
}

const SHARED = { access: 'admin', writeError: writePlainError } as const
const GROUP = 'routes'
const ONE = '/api/routes/:name'

export function routeRoutes(options: RouteRoutesOptions): readonly Route[] {
  return [listRoute(options), showRoute(options), setRoute(options), removeRoute(options)]
}

function listRoute(options: RouteRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: '/api/routes',
    description: {
      summary: 'List the routes, with how their targets stand',
      group: GROUP,
      response: z.object({
        routes: z.array(shownRoute),
        shadowed: z.array(aside).describe('Stored, but not in force: its name is taken.'),
        broken: z.array(aside).describe('Stored, but cannot be read.'),
      }),
    },
    handle: async ({ caller }) => {
      const all = options.routes.list()
      const routes = await Promise.all(all.map(async (one) => routeView(one, options, caller)))
      const { shadowed, broken } = options.registry
      return jsonAnswer({
        routes,
        shadowed: asidesView(shadowed, 'route'),
        broken: asidesView(broken, 'route'),
      })
    },
  }
}

function showRoute(options: RouteRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: ONE,
    description: {
      summary: 'Show one route',
      group: GROUP,
      response: z.object({ route: shownRoute }),
    },
    handle: async (call) => {
      return shown(found(nameIn(call), options.routes), options, call)
    },
  }
}

function setRoute(options: RouteRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'PUT',
    path: ONE,
    role: 'operator',
    precondition: 'optional',
    audit: { action: 'route.set', shows: ['strategy', 'targets', 'timeout'] },
    description: {
      summary: 'Add a route, or replace one',
      group: GROUP,
      request: body,
      response: z.object({ route: shownRoute }),
    },
    handle: async (call) => {
      validated(body, call.body)
      const { expected = 'any' } = call
      const route = await options.registrar.setRoute(nameIn(call), call.body ?? {}, expected)
      return shown(route, options, call)
    },
  }
}

function removeRoute({ routes, registrar }: RouteRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'DELETE',
    path: ONE,
    role: 'operator',
    precondition: 'optional',
    audit: { action: 'route.remove' },
    description: {
      summary: 'Remove a route; one that a program has set only until the server starts again',
      group: GROUP,
      response: z.object({ removed: z.string() }),
    },
    handle: async (call) => {
      const { name } = found(nameIn(call), routes)
      await registrar.removeRoute(name, call.expected ?? 'any')
      return jsonAnswer({ removed: name })
    },
  }
}

/** With its version where it is stored. */
async function shown(
  route: ModelRoute,
  options: RouteRoutesOptions,
  { caller }: Call,
): Promise<Outbound> {
  const value = { route: await routeView(route, options, caller) }
  const { registry } = options
  const version = registry.storedRoute(route.name)?.version
  const isStored = version !== undefined && !registry.isInFile('route', route.name)
  return isStored ? versioned(value, version) : jsonAnswer(value)
}

function nameIn(call: Call): string {
  return call.params['name'] ?? ''
}

function found(name: string, routes: RouteTable): ModelRoute {
  const route = routes.find(name)
  if (route !== undefined) return route
  const known = routes.list().map((one) => one.name)
  const near = nearestNames(name, known)
  const hint =
    known.length === 0
      ? 'There are no routes.'
      : `${near.length === 0 ? 'Known' : 'Near'}: ${(near.length === 0 ? known : near).join(', ')}.`
  throw new GatewayError('not_found', `There is no route of this name. ${hint}`, {
    origin: 'client',
    code: 'route_not_found',
    param: 'name',
  })
}

async function routeView(
  { name, strategy = 'priority', timeoutMs, targets, hedge, onStreamFailure }: ModelRoute,
  options: RouteRoutesOptions,
  caller: Caller,
): Promise<JsonObject> {
  const views = targets.map(async (target) => ({
    ...targetView(target),
    ...(await placeView(target, options, caller)),
  }))
  return compact({
    name,
    source: options.sources.ofRoute(name),
    strategy,
    timeout: timeoutMs === undefined ? undefined : timeoutMs / 1000,
    calls: options.routes.callsOf(name),
    ...compact({ hedge: hedgeView(hedge), on_stream_failure: onStreamFailure }),
    targets: await Promise.all(views),
  })
}

function hedgeView(hedge: ModelRoute['hedge']): JsonObject | undefined {
  if (hedge === undefined) return undefined
  const { delayMs, minDelayMs, maxShare } = hedge
  return compact({ delay_ms: delayMs, min_delay_ms: minDelayMs, max_share: maxShare })
}

function targetView({ model, weight, contextTokens, capabilities }: RouteTarget): JsonObject {
  return compact({ model, weight, context_tokens: contextTokens, capabilities })
}

/** What its name means now and how that stands, or why it means nothing. */
async function placeView(
  { model }: RouteTarget,
  { directory, targets }: RouteRoutesOptions,
  caller: Caller,
): Promise<JsonObject> {
  const { outcome } = await directory.recall({ model }, caller)
  if (outcome instanceof GatewayError) return { unusable: outcome.message }
  if (outcome.choice !== undefined) return { unusable: `"${model}" is a route itself.` }
  const { target } = outcome
  const standing = standingView(targets.standing(target))
  return { target: `${target.provider}/${target.model}`, ...standing }
}
