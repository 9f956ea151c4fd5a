// Knows a presented key: by its id in the store, its digest, and everybody that it was made under.
import type { KeyObject } from 'node:crypto'
import { type KeyDigest, type Verifying, digestOf, matchingDigest } from '../../access/digest.ts'
import { type Chain, type Grant, grantOf } from '../../access/grant.ts'
import { claimedKey } from '../../access/key-format.ts'
import type { KeyRecord } from '../../access/key-record.ts'
import { NO_PEPPER, type Pepper } from '../../access/pepper.ts'
import { keyJson, keyOf, teamOf } from '../../access/record-json.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Document } from '../../store/documents/document.ts'
import type { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import type { Recognised } from '../auth.ts'
import { KEY, TEAM } from './kinds.ts'
import { RecognisedKeys } from './recognised-keys.ts'
import { RecordCache } from './record-cache.ts'

export interface KeyBookOptions {
  readonly documents: WatchedDocuments
  /** Undefined where there is no vault. Throws where it is sealed. */
  readonly pepper: () => Pepper | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How long digests of an earlier pepper are honoured, in milliseconds. */
  readonly renewalMs: () => number
}

/** How long what was read of a key is believed; a change is heard of within a second. */
const AGE_MS = 5000
const MAX_RECORDS = 10_000
/** Keys made under keys made under keys. */
const MOST_PARENTS = 8

export class KeyBook {
  readonly #options: KeyBookOptions
  readonly #cache: RecordCache
  readonly #recognised = new RecognisedKeys(MAX_RECORDS)
  readonly #stops: (() => void)[] = []

  private constructor(options: KeyBookOptions) {
    this.#options = options
    const { documents, now } = options
    this.#cache = new RecordCache({
      find: (key) => documents.find(key),
      now,
      ageMs: AGE_MS,
      maxEntries: MAX_RECORDS,
    })
  }

  /** Throws where the store cannot be read. */
  static async open(options: KeyBookOptions): Promise<KeyBook> {
    const book = new KeyBook(options)
    for (const kind of [KEY, TEAM]) {
      book.#stops.push(
        await options.documents.follow(kind, (change) => {
          book.#cache.forget(change)
          // It may be anybody's parent or team.
          book.#recognised.clear()
        }),
      )
    }
    return book
  }

  /** Undefined for what is no key of this installation; at once where it was known a moment ago. Throws `auth` for one that was good once. */
  recognise(presented: string): Recognised | Promise<Recognised | undefined> {
    const { pepper, now } = this.#options
    const known = this.#recognised.find(presented, now())
    if (known !== undefined && known.pepper === secretOf(pepper())) return known.recognised
    return this.#look(presented)
  }

  async #look(presented: string): Promise<Recognised | undefined> {
    const { pepper: pepperNow, now, renewalMs } = this.#options
    const claimed = claimedKey(presented)
    if (claimed === undefined) return undefined
    const pepper = pepperNow()
    const { changes } = this.#cache
    const read = await this.#cache.find({ kind: KEY, id: claimed.id })
    const key = read === undefined ? undefined : keyOf(claimed.id, read.document.body)
    const verifying: Verifying = { pepper, now: now(), renewalMs: renewalMs() }
    const match = matchingDigest(presented, key?.digests ?? [], verifying)
    if (read === undefined || key === undefined || match === undefined) return undefined
    if (key.kind !== claimed.kind) return undefined
    const chain = await this.#chain(key, read.readAt)
    this.#assertGood(chain)
    this.#renew({ presented, document: read.document, key, match, pepper })
    const recognised = recognisedBy(key, grantOf(chain))
    // What changed meanwhile may be newer than what was read; a digest that is to be renewed is looked at until it is.
    const isNewest = match.generation === (pepper?.generation ?? NO_PEPPER)
    if (recognised !== undefined && isNewest && changes === this.#cache.changes) {
      const goodUntil = Math.min(chain.readAt + AGE_MS, endOf(chain), match.until ?? Infinity)
      this.#recognised.keep(presented, { recognised, pepper: secretOf(pepper), goodUntil })
    }
    return recognised
  }

  /** The key with everybody that it was made under. */
  async #chain(key: KeyRecord, keyReadAt: number): Promise<ReadChain> {
    const parents: KeyRecord[] = []
    let readAt = keyReadAt
    let next = key.parent
    while (next !== undefined && parents.length < MOST_PARENTS) {
      const found = await this.#cache.find({ kind: KEY, id: next })
      if (found === undefined) throw notGood('parent_gone')
      readAt = Math.min(readAt, found.readAt)
      const parent = keyOf(next, found.document.body)
      parents.push(parent)
      next = parent.parent
    }
    if (next !== undefined) throw notGood('parent_gone')
    if (key.team === undefined) return { key, parents, readAt }
    const found = await this.#cache.find({ kind: TEAM, id: key.team })
    if (found === undefined) throw notGood('team_gone')
    const team = teamOf(key.team, found.document.body)
    return { key, parents, team, readAt: Math.min(readAt, found.readAt) }
  }

  #assertGood({ key, parents, team }: Chain): void {
    const now = this.#options.now()
    if (key.state === 'revoked') throw notGood('key_revoked')
    if (isOver(key, now)) throw notGood('key_expired')
    if (parents.some((parent) => parent.state === 'revoked' || isOver(parent, now))) {
      throw notGood('parent_gone')
    }
    if (team?.state === 'revoked') throw notGood('team_gone')
  }

  /** A digest of an earlier pepper is made anew while the key is at hand. Who else changes the key meanwhile goes first. */
  #renew({ presented, document, key, match, pepper }: Renewal): void {
    if (pepper === undefined || match.generation === pepper.generation) return
    const renewed = { ...match, ...digestOf(presented, pepper) }
    const digests = key.digests.map((one) => (one === match ? renewed : one))
    this.#options.documents
      .write([
        { kind: KEY, id: key.id, expected: document.version, body: keyJson({ ...key, digests }) },
      ])
      // It is tried again at the next call.
      .catch(() => undefined)
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }
}

interface ReadChain extends Chain {
  /** When the first of it was read. */
  readonly readAt: number
}

interface Renewal {
  readonly presented: string
  readonly document: Document
  readonly key: KeyRecord
  readonly match: KeyDigest
  readonly pepper: Pepper | undefined
}

function recognisedBy({ kind, id, role }: KeyRecord, grant: Grant): Recognised | undefined {
  if (kind !== 'admin') return { kind: 'client', id, grant }
  return role === undefined ? undefined : { kind: 'admin', id, role, grant }
}

/** What digests are made with now: another one where the vault is another. */
function secretOf(pepper: Pepper | undefined): KeyObject | undefined {
  return pepper?.keyOf(pepper.generation)
}

/** When the first of them is over by itself. */
function endOf({ key, parents }: Chain): number {
  return Math.min(...[key, ...parents].map(({ expiresAt = Infinity }) => expiresAt))
}

function isOver({ expiresAt }: KeyRecord, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt
}

const WORDS = {
  key_revoked: 'This key has been revoked.',
  key_expired: 'The time of this key is over.',
  parent_gone: 'The key that this one was made under is no longer good, and so this one is not.',
  team_gone: 'The team of this key is no longer there, and so the key is not good.',
} as const

/** Told to who shows the whole key alone: whoever guesses hears nothing of it. */
function notGood(code: keyof typeof WORDS): GatewayError {
  return new GatewayError('auth', `${WORDS[code]} Ask for another one.`, { origin: 'client', code })
}
