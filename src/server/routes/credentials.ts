// The keys of a provider by their labels: changed, removed and let in again while the server runs. No answer holds a key.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { CredentialStanding } from '../../resilience/key-ring.ts'
import type { JsonObject } from '../../wire/json.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Registrar } from '../registry/registrar.ts'
import type { Call, Route } from '../route.ts'
import { validated } from '../validate.ts'
import { credential } from './schemas.ts'

const SHARED = { access: 'admin', role: 'operator', writeError: writePlainError } as const
const GROUP = 'providers'
const ONE = '/api/providers/:name/credentials/:credential'

const body = z.strictObject({
  api_key: z.string().min(1).describe('Never shown again.'),
  weight: z.number().positive().optional().describe('Its share of the calls. Default: as before.'),
})

export interface CredentialRoutesOptions {
  readonly manager: ProviderManager
  readonly registrar: Registrar
}

export function credentialRoutes(options: CredentialRoutesOptions): readonly Route[] {
  return [replaceRoute(options), liftRoute(options.manager), removeRoute(options)]
}

/** Undefined where it has none. */
export function credentialsView(
  manager: ProviderManager,
  provider: string,
): readonly JsonObject[] | undefined {
  const all = manager.keys.standing(provider)
  return all.length === 0 ? undefined : all.map((one) => credentialView(one))
}

function credentialView(standing: CredentialStanding): JsonObject {
  const { label, weight, generation, state, reason, sinceMs, untilMs, closedModels } = standing
  return compact({
    name: label,
    weight,
    generation,
    state,
    reason,
    since: dateOf(sinceMs),
    until: dateOf(untilMs),
    closed_models: closedModels,
  })
}

function dateOf(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()
}

function replaceRoute({ manager, registrar }: CredentialRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'PUT',
    path: ONE,
    audit: { action: 'credential.replace', shows: ['weight'] },
    description: {
      summary: 'Give a credential another key, or add one, from the next call on',
      group: GROUP,
      request: body,
      response: z.object({ credentials: z.array(credential) }),
    },
    handle: async (call) => {
      const { name, label } = placeOf(call)
      const { api_key: key, weight } = validated(body, call.body)
      await registrar.replaceKey(name, { label, key, ...compact({ weight }) })
      return jsonAnswer({ credentials: credentialsView(manager, name) })
    },
  }
}

function liftRoute(manager: ProviderManager): Route {
  return {
    ...SHARED,
    method: 'POST',
    path: `${ONE}/lift`,
    audit: { action: 'credential.lift' },
    description: {
      summary: 'Use a credential again that was refused',
      group: GROUP,
      response: z.object({ lifted: z.boolean(), credentials: z.array(credential) }),
    },
    handle: async (call) => {
      const { name, label } = placeOf(call)
      const lifted = manager.liftCredential(name, label)
      return jsonAnswer({ lifted, credentials: credentialsView(manager, name) })
    },
  }
}

function removeRoute({ registrar }: CredentialRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'DELETE',
    path: ONE,
    audit: { action: 'credential.remove' },
    description: {
      summary: 'Remove a credential',
      group: GROUP,
      response: z.object({ removed: z.string() }),
    },
    handle: async (call) => {
      const { name, label } = placeOf(call)
      await registrar.removeKey(name, label)
      return jsonAnswer({ removed: label })
    },
  }
}

function placeOf({ params }: Call): { readonly name: string; readonly label: string } {
  return { name: params['name'] ?? '', label: params['credential'] ?? '' }
}
