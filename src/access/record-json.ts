// Keys and teams as the store keeps them: JSON, read back as what it must be.
import { compact } from '../canonical/compact.ts'
import { CONTENT_REDACTIONS, type KeptContentPolicy } from '../canonical/content-policy.ts'
import {
  ALLOWED_PERIODS,
  type AllowedBudget,
  type AllowedLimits,
  type AllowedRate,
} from '../canonical/allowance.ts'
import { type JsonObject, ObjectReader } from '../wire/json.ts'
import type { KeyDigest } from './digest.ts'
import { KEY_KINDS } from './key-format.ts'
import type { Holding, KeyRecord, TeamRecord } from './key-record.ts'
import { ROLES } from './role.ts'
import type { Scope } from './scope.ts'

export function keyJson(record: KeyRecord): JsonObject {
  const { kind, role, owner, team, parent, expiresAt, requestTags, critical, digests } = record
  return compact({
    ...holdingJson(record),
    kind,
    role,
    owner,
    team,
    parent,
    expires_at: expiresAt,
    request_tags: requestTags,
    content: contentJson(record.content),
    critical,
    digests: digests.map(({ digest, generation, until }) => compact({ digest, generation, until })),
  })
}

export function teamJson(record: TeamRecord): JsonObject {
  return holdingJson(record)
}

/** Throws TypeError where it is no key. */
export function keyOf(id: string, body: JsonObject): KeyRecord {
  const reader = ObjectReader.of(body, '')
  return compact({
    ...holdingOf(id, reader),
    kind: wordIn(reader, 'kind', KEY_KINDS),
    role: reader.has('role') ? wordIn(reader, 'role', ROLES) : undefined,
    owner: reader.optionalString('owner'),
    team: reader.optionalString('team'),
    parent: reader.optionalString('parent'),
    expiresAt: reader.optionalNumber('expires_at'),
    requestTags: reader.optionalStrings('request_tags') ?? [],
    critical: reader.optionalBoolean('critical') ?? false,
    content: contentIn(reader.optionalObject('content')),
    digests: reader
      .items('digests')
      .map(({ value, path }) => digestIn(ObjectReader.of(value, path))),
  })
}

/** Throws TypeError where it is no team. */
export function teamOf(id: string, body: JsonObject): TeamRecord {
  return holdingOf(id, ObjectReader.of(body, ''))
}

function holdingJson({
  name,
  scope,
  limits,
  budgets,
  tags,
  state,
  createdBy,
}: Holding): JsonObject {
  return {
    name,
    scope: compact({ ...scope }),
    limits: limitsJson(limits),
    budgets: budgets.map(({ nanoUsd, period, hard }) => ({ nano_usd: nanoUsd, period, hard })),
    tags,
    state,
    created_by: createdBy,
  }
}

function holdingOf(id: string, reader: ObjectReader): Holding {
  return {
    id,
    name: reader.string('name'),
    scope: scopeIn(reader.object('scope')),
    limits: limitsIn(reader.object('limits')),
    budgets: reader
      .items('budgets')
      .map(({ value, path }) => budgetIn(ObjectReader.of(value, path))),
    tags: textsIn(reader.object('tags')),
    state: wordIn(reader, 'state', ['active', 'revoked']),
    createdBy: reader.string('created_by'),
  }
}

function scopeIn(reader: ObjectReader): Scope {
  return compact({
    models: reader.optionalStrings('models'),
    providers: reader.optionalStrings('providers'),
    endpoints: reader.optionalStrings('endpoints'),
    policies: reader.optionalStrings('policies'),
    cidrs: reader.optionalStrings('cidrs'),
  })
}

function limitsJson({ requests, tokens, concurrency }: AllowedLimits): JsonObject {
  return compact({ requests: rateJson(requests), tokens: rateJson(tokens), concurrency })
}

function rateJson(rate: AllowedRate | undefined): JsonObject | undefined {
  if (rate === undefined) return undefined
  return compact({ per_minute: rate.perMinute, per_day: rate.perDay })
}

function limitsIn(reader: ObjectReader): AllowedLimits {
  return compact({
    requests: rateIn(reader.optionalObject('requests')),
    tokens: rateIn(reader.optionalObject('tokens')),
    concurrency: reader.optionalNumber('concurrency'),
  })
}

function rateIn(reader: ObjectReader | undefined): AllowedRate | undefined {
  if (reader === undefined) return undefined
  return compact({
    perMinute: reader.optionalNumber('per_minute'),
    perDay: reader.optionalNumber('per_day'),
  })
}

function budgetIn(reader: ObjectReader): AllowedBudget {
  return {
    nanoUsd: reader.number('nano_usd'),
    period: wordIn(reader, 'period', ALLOWED_PERIODS),
    hard: reader.optionalBoolean('hard') ?? true,
  }
}

function contentJson(content: KeptContentPolicy | undefined): JsonObject | undefined {
  if (content === undefined) return undefined
  const { retentionDays, redact, words } = content
  return { retention_days: retentionDays, redact, words }
}

function contentIn(reader: ObjectReader | undefined): KeptContentPolicy | undefined {
  if (reader === undefined) return undefined
  const masked = reader.optionalStrings('redact') ?? CONTENT_REDACTIONS
  return {
    retentionDays: reader.number('retention_days'),
    redact: CONTENT_REDACTIONS.filter((one) => masked.includes(one)),
    words: reader.optionalStrings('words') ?? [],
  }
}

function digestIn(reader: ObjectReader): KeyDigest {
  return compact({
    digest: reader.string('digest'),
    generation: reader.number('generation'),
    until: reader.optionalNumber('until'),
  })
}

function textsIn(reader: ObjectReader): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(reader.source).map((key) => [key, reader.string(key)]))
}

function wordIn<Word extends string>(
  reader: ObjectReader,
  key: string,
  words: readonly Word[],
): Word {
  const given = reader.string(key)
  const word = words.find((known) => known === given)
  if (word === undefined) throw new TypeError(`unknown word at ${reader.path(key)}`)
  return word
}
