// The providers: list, register, choose the default, remove.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import { nearestNames } from '../../routing/nearest.ts'
import { type Json, isObject } from '../../wire/json.ts'
import { versioned } from '../admin/precondition.ts'
import { type Outbound, jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Registrar } from '../registry/registrar.ts'
import type { Registry } from '../registry/registry.ts'
import type { Sources } from '../registry/sources.ts'
import type { Route } from '../route.ts'
import { refused, validated, withQuery } from '../validate.ts'
import { aside, asidesView } from './aside-view.ts'
import { providerView } from './provider-view.ts'
import { changeBody, registerBody } from './register-body.ts'
import { provider } from './schemas.ts'

const GROUP = 'providers'
const ONE = '/api/providers/:name'
const SHARED = { access: 'admin', writeError: writePlainError } as const
const CHANGES = { ...SHARED, role: 'operator' } as const

/** What of a registration is no secret. */
const SHOWS = ['provider_type', 'base_url', 'models', 'default_model', 'enabled', 'persist']

export interface ProviderRoutesOptions {
  readonly manager: ProviderManager
  readonly registry: Registry
  readonly registrar: Registrar
  readonly sources: Sources
}

export function providerRoutes(options: ProviderRoutesOptions): readonly Route[] {
  return [
    listRoute(options),
    showRoute(options),
    registerRoute(options),
    changeRoute(options),
    enableRoute(options),
    defaultRoute(options),
    removeRoute(options),
  ]
}

function listRoute(options: ProviderRoutesOptions): Route {
  const { manager, registry } = options
  return {
    ...SHARED,
    method: 'GET',
    path: '/api/providers',
    description: {
      summary: 'List the registered providers',
      group: GROUP,
      response: z.object({
        default: z.string().nullable(),
        providers: z.array(provider),
        shadowed: z
          .array(aside)
          .describe('Stored, but not in force: the configuration has the name.'),
        broken: z.array(aside).describe('Stored, but no provider can be made of it.'),
      }),
    },
    handle: async () => {
      const { defaultName } = manager
      const providers = manager.listProviders().map((entry) => providerView(entry, options))
      const { shadowed, broken } = registry
      return jsonAnswer({
        default: defaultName ?? null,
        providers,
        shadowed: asidesView(shadowed, 'provider'),
        broken: asidesView(broken, 'provider'),
      })
    },
  }
}

function showRoute(options: ProviderRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: ONE,
    description: {
      summary: 'Show one provider; the ETag is for changing it',
      group: GROUP,
      response: z.object({ provider }),
    },
    handle: async ({ params }) => shown(params['name'] ?? '', options),
  }
}

/** With its version where it is stored. */
function shown(name: string, options: ProviderRoutesOptions, status: number = 200): Outbound {
  const { manager, registry } = options
  const value = { provider: providerView(manager.getProvider(name), options) }
  const version = registry.storedProvider(name)?.version
  return version === undefined || registry.isInFile('provider', name)
    ? jsonAnswer(value, status)
    : versioned(value, version, status)
}

function registerRoute(options: ProviderRoutesOptions): Route {
  const { manager, registrar, sources } = options
  return {
    ...CHANGES,
    method: 'POST',
    path: '/api/providers/register',
    audit: {
      action: 'provider.register',
      subject: ({ body, query }) =>
        textAt(body, 'name') ?? query.get('name') ?? textAt(body, 'provider_type'),
      shows: SHOWS,
    },
    description: {
      summary: 'Register a provider; its keys go into the vault',
      group: GROUP,
      request: registerBody,
      requestInQuery: true,
      response: z.object({ provider }),
      status: 201,
    },
    handle: async (call) => {
      const body = validated(registerBody, withQuery(registerBody, call))
      assertType(body.provider_type, manager.providerTypes)
      const { name } = await registrar.register(body)
      if (body.persist === false) sources.passing(name)
      return shown(name, options, 201)
    },
  }
}

function changeRoute(options: ProviderRoutesOptions): Route {
  const { registrar } = options
  return {
    ...CHANGES,
    method: 'PATCH',
    path: ONE,
    precondition: 'required',
    audit: { action: 'provider.change', shows: SHOWS },
    description: {
      summary: 'Change a provider that was registered over the API; null takes back what was said',
      group: GROUP,
      request: changeBody,
      response: z.object({ provider }),
    },
    handle: async (call) => {
      const patch = validated(changeBody, call.body)
      const { name } = await registrar.change(
        call.params['name'] ?? '',
        patch,
        call.expected ?? 'any',
      )
      return shown(name, options)
    },
  }
}

const enableBody = z.strictObject({
  api_key: z.string().min(1).optional().describe('Where it needs one. Never shown again.'),
  persist: z.boolean().optional().describe('As of a registration. Default: true.'),
})

function enableRoute(options: ProviderRoutesOptions): Route {
  const { registrar, sources } = options
  return {
    ...CHANGES,
    method: 'POST',
    path: `${ONE}/enable`,
    audit: { action: 'provider.enable', shows: ['persist'] },
    description: {
      summary:
        'Turn a provider on, with a key if it needs one; a type of the catalog is registered',
      group: GROUP,
      request: enableBody,
      response: z.object({ provider }),
    },
    handle: async (call) => {
      const { api_key: key, persist } = validated(enableBody, call.body)
      const how = compact({ key, persist })
      const { name } = await registrar.enable(call.params['name'] ?? '', how)
      if (persist === false) sources.passing(name)
      return shown(name, options)
    },
  }
}

function defaultRoute({ manager, registrar }: ProviderRoutesOptions): Route {
  return {
    ...CHANGES,
    method: 'POST',
    path: `${ONE}/default`,
    audit: { action: 'provider.default' },
    description: {
      summary: 'Make a provider the default one',
      group: GROUP,
      response: z.object({ default: z.string() }),
    },
    handle: async (call) => {
      await registrar.setDefault(call.params['name'] ?? '')
      return jsonAnswer({ default: manager.defaultName })
    },
  }
}

function removeRoute({ manager, registrar }: ProviderRoutesOptions): Route {
  return {
    ...CHANGES,
    method: 'DELETE',
    path: ONE,
    precondition: 'optional',
    audit: { action: 'provider.remove' },
    description: {
      summary:
        'Remove a provider and its keys; one that was found only until the server starts again',
      group: GROUP,
      response: z.object({ removed: z.string(), default: z.string().nullable() }),
    },
    handle: async (call) => {
      const name = call.params['name'] ?? ''
      await registrar.remove(name, call.expected ?? 'any')
      return jsonAnswer({ removed: name, default: manager.defaultName ?? null })
    },
  }
}

function textAt(body: Json | undefined, name: string): string | undefined {
  const value = isObject(body) ? body[name] : undefined
  return typeof value === 'string' ? value : undefined
}

function assertType(type: string, known: readonly string[]): void {
  if (known.includes(type)) return
  const near = nearestNames(type, known)
  const hint =
    near.length === 0 ? `Known: ${known.join(', ')}.` : `Did you mean ${near.join(' or ')}?`
  throw refused(
    'provider_type',
    `There is no provider type "${type}". ${hint}`,
    'unknown_provider_type',
  )
}
