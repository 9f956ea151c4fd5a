// The providers: list, register, choose the default, remove.
import { z } from 'zod'
import type { ProviderManager } from '../../pipeline/library.ts'
import { nearestNames } from '../../routing/nearest.ts'
import { type Json, isObject } from '../../wire/json.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import { registerRemote } from '../registration.ts'
import type { Route } from '../route.ts'
import { refused, validated, withQuery } from '../validate.ts'
import { providerView } from './provider-view.ts'
import { registerBody, toProviderConfig } from './register-body.ts'
import { provider } from './schemas.ts'

const GROUP = 'providers'

export function providerRoutes(manager: ProviderManager): readonly Route[] {
  return [listRoute(manager), registerRoute(manager), defaultRoute(manager), removeRoute(manager)]
}

function listRoute(manager: ProviderManager): Route {
  return {
    method: 'GET',
    path: '/api/providers',
    access: 'admin',
    writeError: writePlainError,
    description: {
      summary: 'List the registered providers',
      group: GROUP,
      response: z.object({ default: z.string().nullable(), providers: z.array(provider) }),
    },
    handle: async () => {
      const { defaultName } = manager
      const providers = manager.listProviders().map((entry) => providerView(entry, manager))
      return jsonAnswer({ default: defaultName ?? null, providers })
    },
  }
}

function registerRoute(manager: ProviderManager): Route {
  return {
    method: 'POST',
    path: '/api/providers/register',
    access: 'admin',
    role: 'operator',
    audit: {
      action: 'provider.register',
      subject: ({ body, query }) =>
        textAt(body, 'name') ?? query.get('name') ?? textAt(body, 'provider_type'),
      shows: ['provider_type', 'base_url', 'models', 'default_model', 'enabled', 'persist'],
    },
    writeError: writePlainError,
    description: {
      summary: 'Register a provider until the server stops',
      group: GROUP,
      request: registerBody,
      requestInQuery: true,
      response: z.object({ provider }),
      status: 201,
    },
    handle: async (call) => {
      const config = toProviderConfig(validated(registerBody, withQuery(registerBody, call)))
      assertType(config.providerType, manager.providerTypes)
      const registered = await registerRemote(manager, config)
      return jsonAnswer({ provider: providerView(registered, manager) }, 201)
    },
  }
}

function defaultRoute(manager: ProviderManager): Route {
  return {
    method: 'POST',
    path: '/api/providers/:name/default',
    access: 'admin',
    role: 'operator',
    audit: { action: 'provider.default' },
    writeError: writePlainError,
    description: {
      summary: 'Make a provider the default one',
      group: GROUP,
      response: z.object({ default: z.string() }),
    },
    handle: async (call) => {
      manager.setDefault(call.params['name'] ?? '')
      return jsonAnswer({ default: manager.defaultName })
    },
  }
}

function removeRoute(manager: ProviderManager): Route {
  return {
    method: 'DELETE',
    path: '/api/providers/:name',
    access: 'admin',
    role: 'operator',
    audit: { action: 'provider.remove' },
    writeError: writePlainError,
    description: {
      summary: 'Remove a provider until the server starts again',
      group: GROUP,
      response: z.object({ removed: z.string(), default: z.string().nullable() }),
    },
    handle: async (call) => {
      const name = call.params['name'] ?? ''
      await manager.unregisterProvider(name)
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
