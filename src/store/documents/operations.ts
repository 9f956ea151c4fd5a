// What can be done with documents, as operations on the database. Bodies cross as text.
import type { Operation, Row, Steps } from '../operation.ts'
import { numberIn, optionalTextIn, textIn } from '../row.ts'
import type { DocumentKey, Expected } from './document.ts'

export interface StoredDocument extends DocumentKey {
  readonly version: number
  /** Undefined where it was removed. */
  readonly body: string | undefined
  readonly sequence: number
  readonly createdAt: number
  readonly updatedAt: number
}

const COLUMNS = 'kind, id, version, body, changed, created_at, updated_at'

export const readDocument: Operation<DocumentKey, StoredDocument | undefined> = {
  name: 'documents/read',
  reads: true,
  *steps({ kind, id }) {
    const rows = yield {
      sql: `SELECT ${COLUMNS} FROM documents WHERE kind = $1 AND id = $2 AND body IS NOT NULL`,
      values: [kind, id],
    }
    return rows.map(stored)[0]
  },
}

export interface Page {
  readonly kind: string
  /** Ids that come after this one, in their order. */
  readonly after: string
  readonly limit: number
}

export const listDocuments: Operation<Page, readonly StoredDocument[]> = {
  name: 'documents/list',
  reads: true,
  *steps({ kind, after, limit }) {
    const rows = yield {
      sql: `SELECT ${COLUMNS} FROM documents WHERE kind = $1 AND id > $2 AND body IS NOT NULL ORDER BY id LIMIT $3`,
      values: [kind, after, limit],
    }
    return rows.map(stored)
  },
}

export interface Feed {
  /** Changes that came after this one. */
  readonly after: number
  readonly limit: number
}

export const listChanges: Operation<Feed, readonly StoredDocument[]> = {
  name: 'documents/changes',
  reads: true,
  *steps({ after, limit }) {
    const rows = yield {
      sql: `SELECT ${COLUMNS} FROM documents WHERE changed > $1 ORDER BY changed LIMIT $2`,
      values: [after, limit],
    }
    return rows.map(stored)
  },
}

/** The number of the last change, whatever it was. */
export const lastChange: Operation<undefined, number> = {
  name: 'documents/last-change',
  reads: true,
  *steps() {
    const [row] = yield { sql: "SELECT value FROM counters WHERE name = 'changes'" }
    return row === undefined ? 0 : numberIn(row, 'value')
  },
}

interface StoredWrite extends DocumentKey {
  readonly body: string | undefined
  readonly expected: Expected
}

export interface WriteBatch {
  readonly writes: readonly StoredWrite[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The states that were written, in order; or which write met another state than it expected, and nothing was written. */
export type Written =
  | { readonly written: readonly StoredDocument[] }
  | { readonly conflict: number; readonly version: number | undefined }

export const writeDocuments: Operation<WriteBatch, Written> = {
  name: 'documents/write',
  *steps({ writes, now }) {
    // Whoever writes counts first, so that writers come one after another and changes are seen in the order of their numbers.
    const first = (yield* count(writes.length)) + 1
    const before: (StoredDocument | undefined)[] = []
    for (const [at, write] of writes.entries()) {
      const known = yield* find(write)
      const live = known?.body === undefined ? undefined : known.version
      if (!meets(live, write.expected)) return { conflict: at, version: live }
      before.push(known)
    }
    const written: StoredDocument[] = []
    for (const [at, { kind, id, body }] of writes.entries()) {
      const known = before[at]
      const isAnew = known?.body === undefined
      const document: StoredDocument = {
        kind,
        id,
        version: (known?.version ?? 0) + 1,
        body,
        sequence: first + at,
        createdAt: isAnew ? now : known.createdAt,
        updatedAt: now,
      }
      yield* put(document)
      written.push(document)
    }
    return { written }
  },
}

function* count(howMany: number): Steps<number> {
  const [row] = yield {
    sql: "UPDATE counters SET value = value + $1 WHERE name = 'changes' RETURNING value",
    values: [howMany],
  }
  if (row === undefined) throw new Error('the counter of changes is gone')
  return numberIn(row, 'value') - howMany
}

function* find({ kind, id }: DocumentKey): Steps<StoredDocument | undefined> {
  const rows = yield {
    sql: `SELECT ${COLUMNS} FROM documents WHERE kind = $1 AND id = $2`,
    values: [kind, id],
  }
  return rows.map(stored)[0]
}

function* put(document: StoredDocument): Steps<void> {
  const { kind, id, version, body, sequence, createdAt, updatedAt } = document
  yield {
    sql: `INSERT INTO documents (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body, changed = excluded.changed,
      created_at = excluded.created_at, updated_at = excluded.updated_at`,
    values: [kind, id, version, body ?? null, sequence, createdAt, updatedAt],
  }
}

function meets(version: number | undefined, expected: Expected): boolean {
  if (expected === 'any') return true
  return expected === 'absent' ? version === undefined : version === expected
}

function stored(row: Row): StoredDocument {
  return {
    kind: textIn(row, 'kind'),
    id: textIn(row, 'id'),
    version: numberIn(row, 'version'),
    body: optionalTextIn(row, 'body'),
    sequence: numberIn(row, 'changed'),
    createdAt: numberIn(row, 'created_at'),
    updatedAt: numberIn(row, 'updated_at'),
  }
}
