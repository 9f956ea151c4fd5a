// The texts of calls in the database: written once, read by owners, and gone when their time is over.
import type { KeptContent } from '../../contents/kept-contents.ts'
import type { Operation, Row } from '../operation.ts'
import { numberIn, textIn } from '../row.ts'

const COLUMNS = 'call_id, at, caller, provider, model, request, answer, expires_at'

export const keepContent: Operation<KeptContent, void> = {
  name: 'contents/keep',
  *steps({ callId, at, caller, provider, model, request, answer, expiresAt }) {
    yield {
      sql: `INSERT INTO contents (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (call_id) DO NOTHING`,
      // PostgreSQL takes no NUL in a text.
      values: [callId, at, caller, provider, model, request, answer, expiresAt].map((value) =>
        typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value,
      ),
    }
  },
}

export interface Wanted {
  readonly callId: string
  readonly now: number
}

export const readContent: Operation<Wanted, KeptContent | undefined> = {
  name: 'contents/read',
  reads: true,
  *steps({ callId, now }) {
    const rows = yield {
      sql: `SELECT ${COLUMNS} FROM contents WHERE call_id = $1 AND expires_at > $2`,
      values: [callId, now],
    }
    return rows.map((row) => contentIn(row))[0]
  },
}

export interface ContentPage {
  readonly caller?: string
  readonly now: number
  readonly limit: number
  readonly after?: string
}

/** What there is, without the texts. */
export const listContents: Operation<ContentPage, readonly KeptContent[]> = {
  name: 'contents/list',
  reads: true,
  *steps({ caller, now, limit, after = '' }) {
    const rows = yield {
      sql: `SELECT call_id, at, caller, provider, model, '' AS request, '' AS answer, expires_at FROM contents
        WHERE call_id > $1 AND expires_at > $2 AND caller = COALESCE($3, caller) ORDER BY call_id LIMIT $4`,
      values: [after, now, caller ?? null, limit],
    }
    return rows.map((row) => contentIn(row))
  },
}

/** True where it was there. */
export const removeContent: Operation<string, boolean> = {
  name: 'contents/remove',
  *steps(callId) {
    const rows = yield {
      sql: 'DELETE FROM contents WHERE call_id = $1 RETURNING call_id',
      values: [callId],
    }
    return rows.length > 0
  },
}

/** How many have gone. */
export const sweepContents: Operation<number, number> = {
  name: 'contents/sweep',
  *steps(now) {
    const rows = yield {
      sql: 'DELETE FROM contents WHERE expires_at <= $1 RETURNING call_id',
      values: [now],
    }
    return rows.length
  },
}

export const contentOperations: readonly Operation<unknown, unknown>[] = [
  keepContent,
  listContents,
  readContent,
  removeContent,
  sweepContents,
]

function contentIn(row: Row): KeptContent {
  return {
    callId: textIn(row, 'call_id'),
    at: numberIn(row, 'at'),
    caller: textIn(row, 'caller'),
    provider: textIn(row, 'provider'),
    model: textIn(row, 'model'),
    request: textIn(row, 'request'),
    answer: textIn(row, 'answer'),
    expiresAt: numberIn(row, 'expires_at'),
  }
}
