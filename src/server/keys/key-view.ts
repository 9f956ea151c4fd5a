// Keys and teams as the API shows them: never a secret, and nothing that one could be made from.
import { z } from 'zod'
import type { Holding, KeyRecord } from '../../access/key-record.ts'
import { shownKey } from '../../access/key-format.ts'
import type { AllowedLimits, AllowedRate } from '../../canonical/allowance.ts'
import { compact } from '../../canonical/compact.ts'
import { costOfNano } from '../../canonical/cost.ts'
import type { JsonObject } from '../../wire/json.ts'
import type { StoredKey } from './key-desk.ts'
import type { StoredTeam } from './team-desk.ts'

const rate = z.object({ per_minute: z.number().optional(), per_day: z.number().optional() })

const holding = {
  name: z.string(),
  models: z.array(z.string()).optional(),
  providers: z.array(z.string()).optional(),
  endpoints: z.array(z.string()).optional(),
  policies: z.array(z.string()).optional(),
  cidrs: z.array(z.string()).optional(),
  limits: z.object({
    requests: rate.optional(),
    tokens: rate.optional(),
    concurrency: z.number().optional(),
  }),
  budget: z.array(z.object({ usd: z.string(), period: z.string(), hard: z.boolean() })),
  tags: z.record(z.string(), z.string()),
} as const

const kept = {
  state: z.enum(['active', 'expired', 'revoked']),
  created_by: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  version: z.int(),
} as const

const ownFields = {
  id: z.string(),
  kind: z.enum(['client', 'admin', 'run']),
  shown: z.string(),
  role: z.string().optional(),
  owner: z.string().optional(),
  team: z.string().optional(),
  parent: z.string().optional(),
  request_tags: z.array(z.string()),
  critical: z.boolean(),
  content: z
    .object({ retention_days: z.number(), redact: z.array(z.string()), words: z.array(z.string()) })
    .optional(),
  expires_at: z.string().optional(),
  replaced_until: z.string().optional(),
} as const

export const shownKeySchema: z.ZodType = z.object({ ...ownFields, ...holding, ...kept })
export const shownTeamSchema: z.ZodType = z.object({ id: z.string(), ...holding, ...kept })

export function keyView({ record, document }: StoredKey, now: number): JsonObject {
  const { id, kind, role, owner, team, parent, requestTags, critical, expiresAt, digests } = record
  const [, replaced] = digests
  const until = replaced?.until
  return compact({
    id,
    kind,
    shown: shownKey(record),
    role,
    owner,
    team,
    parent,
    ...holdingView(record),
    request_tags: requestTags,
    critical,
    content: contentView(record),
    expires_at: timeOf(expiresAt),
    replaced_until: until === undefined || until <= now ? undefined : timeOf(until),
    state: stateOf(record, now),
    created_by: record.createdBy,
    created_at: timeOf(document.createdAt),
    updated_at: timeOf(document.updatedAt),
    version: document.version,
  })
}

export function teamView({ record, document }: StoredTeam): JsonObject {
  return compact({
    id: record.id,
    ...holdingView(record),
    state: record.state,
    created_by: record.createdBy,
    created_at: timeOf(document.createdAt),
    updated_at: timeOf(document.updatedAt),
    version: document.version,
  })
}

function holdingView({ name, scope, limits, budgets, tags }: Holding): JsonObject {
  return {
    name,
    ...compact({ ...scope }),
    limits: limitsView(limits),
    budget: budgets.map(({ nanoUsd, period, hard }) => {
      return { usd: costOfNano(nanoUsd).usd, period, hard }
    }),
    tags,
  }
}

function limitsView({ requests, tokens, concurrency }: AllowedLimits): JsonObject {
  return compact({ requests: rateView(requests), tokens: rateView(tokens), concurrency })
}

function rateView(given: AllowedRate | undefined): JsonObject | undefined {
  if (given === undefined) return undefined
  return compact({ per_minute: given.perMinute, per_day: given.perDay })
}

function contentView({ content }: KeyRecord): JsonObject | undefined {
  if (content === undefined) return undefined
  const { retentionDays, redact, words } = content
  return { retention_days: retentionDays, redact, words }
}

function stateOf({ state, expiresAt }: KeyRecord, now: number): 'active' | 'expired' | 'revoked' {
  if (state === 'revoked') return state
  return expiresAt !== undefined && now >= expiresAt ? 'expired' : 'active'
}

function timeOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
