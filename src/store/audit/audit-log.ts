// The audit log as the rest of Patchbay sees it: write down, read, verify.
import { GatewayError } from '../../canonical/errors.ts'
import type { Database } from '../operation.ts'
import { type Anchor, NO_ANCHOR } from './anchor.ts'
import type { FoundEntry } from './audit-row.ts'
import { type ChainKeys, NO_KEYS, linked, signed } from './chain.ts'
import type { AuditDeed, AuditHead } from './entry.ts'
import { type AuditFilter, appendAudit, listAudit, readAuditHead } from './operations.ts'
import { type AuditVerdict, verified } from './verify.ts'

export interface AuditLogOptions {
  readonly database: Database
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Default: none. */
  readonly keys?: ChainKeys
  /** Default: none. */
  readonly anchor?: Anchor
}

/** For whoever has something to write down. */
export interface AuditPort {
  /** Resolves once it is there to stay. Throws GatewayError `audit_failed`. */
  record(deed: AuditDeed): Promise<void>
}

export interface AuditQuery {
  readonly filter?: AuditFilter
  /** The number of an entry: what comes before it. Default: the newest. */
  readonly before?: number
  readonly limit: number
}

/** Others may have written in between: so often is it tried again. */
const TRIES = 50
const PAGE = 500

export class AuditLog implements AuditPort {
  readonly #options: Required<AuditLogOptions>
  #head: AuditHead | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: AuditLogOptions) {
    this.#options = { keys: NO_KEYS, anchor: NO_ANCHOR, ...options }
  }

  /**
   * To be called before the first entry: where the file beside the database knows a longer log or another one, that is written
   * down, before the file forgets it. Gives what is wrong.
   */
  async open(): Promise<AuditHead | undefined> {
    const { database, anchor } = this.#options
    const [noted, head] = [await anchor.read(), await database.run(readAuditHead, null)]
    if (noted === undefined) return undefined
    const [found] = await database.run(listAudit, {
      filter: {},
      order: 'oldest',
      from: noted.seq - 1,
      limit: 1,
    })
    if (noted.seq <= head.seq && found?.seq === noted.seq && hashOf(found) === noted.hash) {
      return undefined
    }
    const details = { noted: noted.seq, found: head.seq }
    await this.record({ actor: 'system', action: 'audit.broken', outcome: 'failed', details })
    return noted
  }

  record(deed: AuditDeed): Promise<void> {
    const next = this.#last.then(() => this.#append(deed))
    this.#last = next.catch(() => undefined)
    return next
  }

  /** The newest first. */
  async list({ filter = {}, before, limit }: AuditQuery): Promise<readonly FoundEntry[]> {
    const from = before === undefined ? {} : { from: before }
    return this.#options.database.run(listAudit, { filter, order: 'newest', limit, ...from })
  }

  async verify(): Promise<AuditVerdict> {
    const { database, keys, anchor } = this.#options
    const noted = await anchor.read()
    return verified({
      keys,
      read: async (after) =>
        database.run(listAudit, { filter: {}, order: 'oldest', from: after, limit: PAGE }),
      head: async () => database.run(readAuditHead, null),
      anchors: noted === undefined ? [] : [noted],
    })
  }

  async #append(deed: AuditDeed): Promise<void> {
    const { database, now, keys, anchor } = this.#options
    try {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const before = (this.#head ??= await database.run(readAuditHead, null))
        const key = keys.current()
        const entry = linked(deed, { before, at: now(), key })
        const head = signed(entry, key)
        const outcome = await database.run(appendAudit, { entry, head })
        this.#head = outcome.added ? head : outcome.head
        if (!outcome.added) continue
        // The database has it; a file that cannot be written is behind, and the next entry brings it up to date.
        await anchor.note(head).catch(() => undefined)
        return
      }
    } catch (cause) {
      this.#head = undefined
      throw notRecorded(cause)
    }
    throw notRecorded(undefined)
  }
}

function hashOf(entry: FoundEntry): string | undefined {
  return 'unreadable' in entry ? undefined : entry.hash
}

function notRecorded(cause: unknown): GatewayError {
  return new GatewayError(
    'overloaded',
    'This could not be written into the audit log, so it is not answered as done; look whether it has taken effect before you repeat it. The database says why: patchbay doctor.',
    { code: 'audit_failed', cause },
  )
}
