// The secrets of the vault by what may be known of them: list, try, rotate, retire. No answer holds one.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import { STATES } from '../../vault/record.ts'
import type { SecretView, Vault } from '../../vault/vault.ts'
import type { JsonObject } from '../../wire/json.ts'
import { nextField, pageOf, pagingFields } from '../admin/paging.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Rotation } from '../registry/rotation.ts'
import type { Route } from '../route.ts'
import { queried, validated } from '../validate.ts'
import { healthView } from './provider-view.ts'
import { health } from './schemas.ts'

export interface SecretRoutesOptions {
  readonly rotation: Rotation
  /** Absent: there is none. */
  readonly vault?: Vault
}

const SHARED = { access: 'admin', writeError: writePlainError } as const
const CHANGES = { ...SHARED, role: 'operator' } as const
const GROUP = 'secrets'
const ONE = '/api/admin/secrets/:id'

const secret: z.ZodType = z.object({
  id: z.string(),
  version: z.int(),
  kind: z.string(),
  provider: z.string().optional().describe('Who is called with it.'),
  credential: z.string().optional().describe('Its name there.'),
  provider_type: z.string(),
  origin: z.string().describe('The one address that it opens for.'),
  hint: z.string().describe('Its beginning and its end.'),
  fingerprint: z.string().describe('The same for the same secret.'),
  state: z.enum(STATES),
  created_at: z.string(),
  changed_at: z.string().optional(),
  expires_at: z.string().optional(),
  refused: z.literal(true).optional().describe('Somebody changed its row: it does not open.'),
})

export function secretRoutes(options: SecretRoutesOptions): readonly Route[] {
  return [listRoute(options), rotateRoute(options), retireRoute(options), testRoute(options)]
}

const listQuery = z.strictObject({
  ...pagingFields,
  provider: z.string().optional().describe('Only those of that provider.'),
})

function listRoute({ vault, rotation }: SecretRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: '/api/admin/secrets',
    description: {
      summary: 'List what may be known of the secrets in the vault',
      group: GROUP,
      query: listQuery,
      response: z.object({
        vault: z.enum(['absent', 'sealed', 'open']),
        secrets: z.array(secret),
        next: nextField,
      }),
    },
    handle: async (call) => {
      const { provider, ...paging } = queried(listQuery, call)
      const state = vault?.status().state ?? 'absent'
      const all = state === 'open' ? (vault?.list() ?? []) : []
      const asked = all
        .filter(({ id }) => provider === undefined || rotation.placeOf(id)?.provider === provider)
        .toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
      const { items, next } = await pageOf(paging, {
        read: async ({ after = '', limit }) =>
          asked.filter((one) => placeOf(one) > after).slice(0, limit),
        placeOf,
      })
      return jsonAnswer({
        vault: state,
        secrets: items.map((one) => secretView(one, rotation)),
        next,
      })
    },
  }
}

const rotateBody = z.strictObject({
  api_key: z.string().min(1).describe('Never shown again.'),
  overlap_seconds: z
    .number()
    .min(0)
    .max(20 * 86_400)
    .optional()
    .describe('How long the old one stays good. Default: 3600.'),
  unchecked: z
    .boolean()
    .optional()
    .describe('Use it although the provider did not say that it is good. Default: false.'),
})

function rotateRoute({ rotation }: SecretRoutesOptions): Route {
  return {
    ...CHANGES,
    method: 'POST',
    path: `${ONE}/rotate`,
    audit: { action: 'secret.rotate', shows: ['overlap_seconds', 'unchecked'] },
    description: {
      summary: 'Use another key once its provider has said, at no cost, that it is good',
      group: GROUP,
      request: rotateBody,
      response: z.object({ secret }),
    },
    handle: async (call) => {
      const { api_key: key, overlap_seconds: overlap, unchecked } = validated(rotateBody, call.body)
      const overlapMs = overlap === undefined ? undefined : overlap * 1000
      const view = await rotation.rotate(call.params['id'] ?? '', {
        key,
        ...compact({ overlapMs, unchecked }),
      })
      return jsonAnswer({ secret: secretView(view, rotation) })
    },
  }
}

const retireBody = z.strictObject({ version: z.int().positive() })

function retireRoute({ rotation }: SecretRoutesOptions): Route {
  return {
    ...CHANGES,
    method: 'POST',
    path: `${ONE}/retire`,
    audit: { action: 'secret.retire', shows: ['version'] },
    description: {
      summary: 'Have a version of a secret that is not in use never be used again',
      group: GROUP,
      request: retireBody,
      response: z.object({ secret }),
    },
    handle: async (call) => {
      const { version } = validated(retireBody, call.body)
      const view = await rotation.retire(call.params['id'] ?? '', version)
      return jsonAnswer({ secret: secretView(view, rotation) })
    },
  }
}

function testRoute({ rotation }: SecretRoutesOptions): Route {
  return {
    ...CHANGES,
    method: 'POST',
    path: `${ONE}/test`,
    audit: { action: 'secret.test' },
    description: {
      summary: 'Ask the provider, at no cost, whether it takes the key that is in use',
      group: GROUP,
      response: z.object({ health }),
    },
    handle: async (call) =>
      jsonAnswer({ health: healthView(await rotation.test(call.params['id'] ?? '')) }),
  }
}

function secretView(view: SecretView, rotation: Rotation): JsonObject {
  const place = rotation.placeOf(view.id)
  return compact({
    id: view.id,
    version: view.version,
    kind: view.kind,
    provider: place?.provider,
    credential: place?.key.label,
    provider_type: view.providerType,
    origin: view.origin,
    hint: view.hint,
    fingerprint: view.fingerprint,
    state: view.state,
    created_at: view.createdAt,
    changed_at: view.changedAt,
    expires_at: view.expiresAt,
    refused: view.isRefused ? true : undefined,
  })
}

function placeOf({ id, version }: SecretView): string {
  return `${id}/${String(version).padStart(9, '0')}`
}
