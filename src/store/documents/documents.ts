// Documents as the rest of Patchbay sees them: read, list, write several at once, follow what changes.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { type JsonObject, isObject, parseJson } from '../../wire/json.ts'
import type { Database } from '../operation.ts'
import type { Document, DocumentChange, DocumentKey, DocumentWrite } from './document.ts'
import {
  type StoredDocument,
  listChanges,
  listDocuments,
  readDocument,
  writeDocuments,
} from './operations.ts'

export interface PageOptions {
  /** An id: what follows it. Default: from the beginning. */
  readonly after?: string
  /** Default 100. */
  readonly limit?: number
}

const PAGE = 100

export class Documents {
  readonly #database: Database
  readonly #now: () => number

  /** `now`: milliseconds since 1970. */
  constructor(database: Database, now: () => number) {
    this.#database = database
    this.#now = now
  }

  async find({ kind, id }: DocumentKey): Promise<Document | undefined> {
    const found = await this.#database.run(readDocument, { kind, id })
    return found === undefined ? undefined : documentOf(found)
  }

  /** Of one kind, by id. */
  async list(kind: string, { after = '', limit = PAGE }: PageOptions = {}): Promise<Document[]> {
    const found = await this.#database.run(listDocuments, { kind, after, limit })
    return found.flatMap((one) => documentOf(one) ?? [])
  }

  /** All of one kind, by id. */
  async all(kind: string): Promise<Document[]> {
    const found: Document[] = []
    for (;;) {
      const page = await this.list(kind, { after: found.at(-1)?.id ?? '' })
      found.push(...page)
      if (page.length < PAGE) return found
    }
  }

  /** All of them or none. Throws `conflict` where one is not in the state that its write expects. Gives the new versions, in order. */
  async write(writes: readonly DocumentWrite[]): Promise<readonly number[]> {
    const outcome = await this.#database.run(writeDocuments, {
      now: this.#now(),
      writes: writes.map(({ kind, id, body, expected = 'any' }) => ({
        kind,
        id,
        body: body === undefined ? undefined : JSON.stringify(body),
        expected,
      })),
    })
    if ('written' in outcome) return outcome.written.map(({ version }) => version)
    throw stale(writes[outcome.conflict], outcome.version)
  }

  /** What changed after the change with that number, oldest first; of one document only the last. */
  async changes(after: number, limit: number = PAGE): Promise<DocumentChange[]> {
    const found = await this.#database.run(listChanges, { after, limit })
    return found.map(({ kind, id, version, sequence, body }) =>
      compact({
        kind,
        id,
        version,
        sequence,
        body: body === undefined ? undefined : bodyOf(body, { kind, id }),
      }),
    )
  }
}

function documentOf(found: StoredDocument): Document | undefined {
  const { kind, id, version, body, sequence, createdAt, updatedAt } = found
  if (body === undefined) return undefined
  return { kind, id, version, body: bodyOf(body, found), sequence, createdAt, updatedAt }
}

function bodyOf(text: string, { kind, id }: DocumentKey): JsonObject {
  const body = parseJson(text)
  if (isObject(body)) return body
  throw new GatewayError('internal', `The stored ${kind} "${id}" is no object.`, {
    code: 'store_corrupt',
  })
}

function stale(write: DocumentWrite | undefined, version: number | undefined): GatewayError {
  const { kind = 'document', id = '', expected } = write ?? {}
  const state =
    version === undefined
      ? 'is not there any more'
      : expected === 'absent'
        ? 'is there already'
        : `has changed: it is at version ${version} now`
  return new GatewayError(
    'conflict',
    `The ${kind} "${id}" ${state}. Read it again, then repeat the change.`,
    { origin: 'client', code: expected === 'absent' ? 'already_there' : 'version_conflict' },
  )
}
