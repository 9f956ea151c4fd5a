// Makes, changes and ends keys: who may, within what, and never so that nobody is left to govern.
import { digestOf } from '../../access/digest.ts'
import { type RandomBytes, mintId, mintKey } from '../../access/key-format.ts'
import type { KeyRecord } from '../../access/key-record.ts'
import { limitBeyond } from '../../access/limit-within.ts'
import type { Pepper } from '../../access/pepper.ts'
import { keyJson, keyOf } from '../../access/record-json.ts'
import type { Role } from '../../access/role.ts'
import { beyond } from '../../access/scope.ts'
import type { AllowedBudget, AllowedLimits } from '../../canonical/allowance.ts'
import { CONTENT_REDACTIONS } from '../../canonical/content-policy.ts'
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { KeysConfig } from '../../config/schema.ts'
import type { Document, Expected } from '../../store/documents/document.ts'
import type { Documents, PageOptions } from '../../store/documents/documents.ts'
import { refused } from '../validate.ts'
import { Governors } from './governors.ts'
import { changed, scopeOf } from './holding-change.ts'
import type { KeyChange, NewKey } from './key-schema.ts'
import { KEY, TEAM } from './kinds.ts'
import { gone } from './missing.ts'
import { onceMore } from './once-more.ts'

export interface KeyDeskOptions {
  readonly documents: Documents
  readonly pepper: () => Pepper | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random: RandomBytes
  /** As they are in force now. */
  readonly settings: () => KeysConfig
}

/** A key as it stands in the store. */
export interface StoredKey {
  readonly record: KeyRecord
  readonly document: Pick<Document, 'version' | 'createdAt' | 'updatedAt'>
}

/** A key with its secret in clear: the only time that it can be shown. */
export interface ShownKey extends StoredKey {
  readonly key: string
}

/** Who asks for a change. */
export interface Governor {
  readonly keyId: string
  readonly role: Role
}

const DAY_MS = 86_400_000
const OVERLAP_SECONDS = 3600
const DEFAULT_LIMITS = {
  requests: { perMinute: 600 },
  tokens: { perMinute: 1_000_000 },
  concurrency: 64,
} as const
const DEFAULT_BUDGET = [{ nanoUsd: 100_000_000_000, period: 'month', hard: true }] as const

export class KeyDesk {
  readonly #options: KeyDeskOptions
  readonly #governors: Governors

  constructor(options: KeyDeskOptions) {
    this.#options = options
    this.#governors = new Governors(options)
  }

  async list(page: PageOptions): Promise<readonly StoredKey[]> {
    const found = await this.#options.documents.list(KEY, page)
    return found.map((document) => stored(document))
  }

  /** Throws not_found. */
  async find(id: string): Promise<StoredKey> {
    const document = await this.#options.documents.find({ kind: KEY, id })
    if (document === undefined) throw gone('key', id)
    return stored(document)
  }

  async create(asked: NewKey, by: Governor): Promise<ShownKey> {
    const { random, pepper, settings } = this.#options
    const { kind = 'client', owner, parent, team } = asked
    assertRole(asked, kind, by)
    const above = parent === undefined ? undefined : await this.#parent(parent)
    if (team !== undefined) await this.#assertTeam(team)
    if (above !== undefined && team !== undefined && team !== above.team) {
      throw refused('team', 'A key has the team of the key that it is made under.', 'beyond_parent')
    }
    const { defaultLimits = DEFAULT_LIMITS, defaultBudget = DEFAULT_BUDGET } = settings()
    const isClient = kind === 'client'
    const limits: AllowedLimits = asked.limits ?? (isClient ? defaultLimits : {})
    const budgets: readonly AllowedBudget[] = asked.budget ?? (isClient ? defaultBudget : [])
    const id = mintId(random)
    const key = mintKey({ kind, id }, random)
    const record: KeyRecord = compact({
      id,
      kind,
      role: isClient ? undefined : (asked.role ?? 'viewer'),
      name: asked.name,
      owner: owner ?? undefined,
      team: team ?? above?.team,
      parent,
      scope: scopeOf(asked),
      limits,
      budgets,
      tags: asked.tags ?? {},
      state: 'active' as const,
      createdBy: by.keyId,
      requestTags: asked.request_tags ?? ['*'],
      critical: asked.critical ?? false,
      expiresAt: this.#expiry(asked.expires_at),
      content: contentOf(asked.content),
      digests: [digestOf(key, pepper())],
    })
    if (above !== undefined) assertWithin(record, above)
    return { ...(await this.#write(record, 'absent')), key }
  }

  async change(id: string, said: KeyChange, change: Change): Promise<StoredKey> {
    return onceMore(change.expected, async () => this.#change(id, said, change))
  }

  async #change(id: string, said: KeyChange, { by, expected }: Change): Promise<StoredKey> {
    const { record, document } = await this.find(id)
    assertMayTouch(record, by)
    if (said.role !== undefined && record.kind !== 'admin') {
      throw refused('role', 'Only an admin key has a role.')
    }
    const { owner, expires_at: expires, role, request_tags: tags, critical } = said
    const next: KeyRecord = compact({
      ...changed(record, said),
      role: role ?? record.role,
      owner: owner === undefined ? record.owner : (owner ?? undefined),
      requestTags: tags ?? record.requestTags,
      critical: critical ?? record.critical,
      expiresAt: expires === undefined ? record.expiresAt : timeOf(expires),
      content: said.content === undefined ? record.content : contentOf(said.content),
    })
    if (record.parent !== undefined) assertWithin(next, await this.#parent(record.parent))
    return this.#write(next, expectedOf(expected, document))
  }

  /** A new secret for the same key; the old one is good for a while yet. */
  async rotate(id: string, overlapSeconds: number | undefined, change: Change): Promise<ShownKey> {
    return onceMore(change.expected, async () => this.#rotate(id, overlapSeconds, change))
  }

  async #rotate(
    id: string,
    overlapSeconds: number | undefined,
    { by, expected }: Change,
  ): Promise<ShownKey> {
    const { random, pepper, now, settings } = this.#options
    const { record, document } = await this.find(id)
    assertMayTouch(record, by)
    if (record.state === 'revoked') {
      throw new GatewayError('conflict', 'A key that has been revoked gets no new secret.', {
        origin: 'client',
        code: 'key_revoked',
      })
    }
    const key = mintKey(record, random)
    const overlap = overlapSeconds ?? settings().overlapSeconds ?? OVERLAP_SECONDS
    const until = now() + overlap * 1000
    const [current] = record.digests
    const before = current === undefined || overlap === 0 ? [] : [{ ...current, until }]
    const digests = [digestOf(key, pepper()), ...before]
    return { ...(await this.#write({ ...record, digests }, expectedOf(expected, document))), key }
  }

  /** From now on it is good for nothing, nor is any key that was made under it. */
  async revoke(id: string, { by, expected }: Change): Promise<StoredKey> {
    return onceMore(expected, async () => {
      const { record, document } = await this.find(id)
      assertMayTouch(record, by)
      return this.#write({ ...record, state: 'revoked' }, expectedOf(expected, document))
    })
  }

  async remove(id: string, { by, expected }: Change): Promise<void> {
    await onceMore(expected, async () => {
      const { record, document } = await this.find(id)
      assertMayTouch(record, by)
      const guard = await this.#governors.without(record)
      await this.#options.documents.write([
        { kind: KEY, id, expected: expectedOf(expected, document) },
        ...guard,
      ])
    })
  }

  async #write(record: KeyRecord, expected: Expected): Promise<StoredKey> {
    const { documents, now } = this.#options
    const guard = await this.#governors.with(record)
    const { id } = record
    const [version = 0] = await documents.write([
      { kind: KEY, id, body: keyJson(record), expected },
      ...guard,
    ])
    const found = await documents.find({ kind: KEY, id })
    const at = now()
    return { record, document: { createdAt: at, updatedAt: at, ...found, version } }
  }

  async #parent(id: string): Promise<KeyRecord> {
    const document = await this.#options.documents.find({ kind: KEY, id })
    const record = document === undefined ? undefined : keyOf(id, document.body)
    if (record === undefined || record.state === 'revoked' || record.kind === 'admin') {
      throw refused('parent', `There is no client key "${id}" that is good.`, 'no_parent')
    }
    return record
  }

  async #assertTeam(id: string): Promise<void> {
    if ((await this.#options.documents.find({ kind: TEAM, id })) !== undefined) return
    throw refused('team', `There is no team "${id}". Make it first.`, 'no_team')
  }

  #expiry(said: string | null | undefined): number | undefined {
    const { now, settings } = this.#options
    const { expiresDays } = settings()
    if (said !== undefined) return timeOf(said)
    return expiresDays === undefined ? undefined : now() + expiresDays * DAY_MS
  }
}

export interface Change {
  readonly by: Governor
  /** The state that it is meant for. */
  readonly expected: Expected
}

function stored(document: Document): StoredKey {
  return { record: keyOf(document.id, document.body), document }
}

/** Whatever state it is in is the one that was just read: two changes at once do not undo each other. */
function expectedOf(expected: Expected, { version }: Pick<Document, 'version'>): Expected {
  return expected === 'any' ? version : expected
}

function timeOf(said: string | null): number | undefined {
  return said === null ? undefined : Date.parse(said)
}

function contentOf(said: KeyChange['content']): KeyRecord['content'] {
  if (said === undefined || said === null) return undefined
  const { retention_days: retentionDays, redact = CONTENT_REDACTIONS, words = [] } = said
  return { retentionDays, redact, words }
}

function assertRole({ role }: NewKey, kind: KeyRecord['kind'], by: Governor): void {
  if (kind === 'admin') return assertOwner(by)
  if (role !== undefined) throw refused('role', 'Only an admin key (kind: admin) has a role.')
}

/** Who governs is the owners' alone to say. */
function assertMayTouch({ kind }: KeyRecord, by: Governor): void {
  if (kind === 'admin') assertOwner(by)
}

function assertOwner({ role }: Governor): void {
  if (role === 'owner') return
  throw new GatewayError(
    'permission',
    `Admin keys are an owner's to make and change; this one has the role ${role}.`,
    { origin: 'client', code: 'role_too_low' },
  )
}

function assertWithin(record: KeyRecord, parent: KeyRecord): void {
  const limit = limitBeyond(record.limits, parent.limits)
  const found = beyond(record.scope, parent.scope) ?? (limit && `limits.${limit}`)
  if (found !== undefined) throw tooMuch(found)
  if (parent.expiresAt !== undefined && (record.expiresAt ?? Infinity) > parent.expiresAt) {
    throw tooMuch('expires_at')
  }
  if (record.critical && !parent.critical) throw tooMuch('critical')
}

function tooMuch(found: string): GatewayError {
  const [param = ''] = found.split(':')
  return refused(
    param,
    `The key that this one is made under does not have that: ${found}. A key may do what its parent may, and no more.`,
    'beyond_parent',
  )
}
