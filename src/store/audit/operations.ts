// What can be done with the audit log: add at its end, and read. Nothing changes or removes an entry.
import type { Operation, Steps, Value } from '../operation.ts'
import { COLUMNS, type FoundEntry, entryOf, headOf, valuesOf } from './audit-row.ts'
import type { AuditEntry, AuditHead, AuditOutcome } from './entry.ts'

export interface Append {
  readonly entry: AuditEntry
  readonly head: AuditHead
}

/** False where the log has another end by now than the one that the entry follows. */
export type Appended =
  | { readonly added: true }
  | { readonly added: false; readonly head: AuditHead }

export const appendAudit: Operation<Append, Appended> = {
  name: 'audit/append',
  *steps({ entry, head }) {
    const rows = yield {
      sql: `UPDATE audit_head SET seq = $1, hash = $2, generation = $3, signature = $4
        WHERE id = 1 AND seq = $5 AND hash = $6 RETURNING seq`,
      values: [head.seq, head.hash, head.generation, head.signature, entry.seq - 1, entry.previous],
    }
    if (rows.length === 0) return { added: false, head: yield* end() }
    yield {
      sql: `INSERT INTO audit (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      values: valuesOf(entry),
    }
    return { added: true }
  },
}

/** The end of the log as it was signed. */
export const readAuditHead: Operation<null, AuditHead> = {
  name: 'audit/head',
  reads: true,
  *steps() {
    return yield* end()
  },
}

export interface AuditFilter {
  readonly actorId?: string
  readonly action?: string
  readonly subject?: string
  readonly outcome?: AuditOutcome
  /** Milliseconds since 1970: from then on. */
  readonly since?: number
  /** Up to then. */
  readonly until?: number
}

export interface AuditPage {
  readonly filter: AuditFilter
  /** `newest`: those before `from`, backwards; `oldest`: those after it. */
  readonly order: 'newest' | 'oldest'
  /** A number of an entry. */
  readonly from?: number
  readonly limit: number
}

export const listAudit: Operation<AuditPage, readonly FoundEntry[]> = {
  name: 'audit/list',
  reads: true,
  *steps({ filter, order, from, limit }) {
    const values: Value[] = []
    const where = (condition: string, value: Value | undefined): readonly string[] => {
      if (value === undefined) return []
      values.push(value)
      return [`${condition} $${values.length}`]
    }
    const conditions = [
      ...where(order === 'newest' ? 'seq <' : 'seq >', from),
      ...where('actor_id =', filter.actorId),
      ...where('action =', filter.action),
      ...where('subject =', filter.subject),
      ...where('outcome =', filter.outcome),
      ...where('at >=', filter.since),
      ...where('at <', filter.until),
    ]
    values.push(limit)
    const such = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const way = order === 'newest' ? 'DESC' : 'ASC'
    const rows = yield {
      sql: `SELECT ${COLUMNS} FROM audit ${such} ORDER BY seq ${way} LIMIT $${values.length}`,
      values,
    }
    return rows.map(entryOf)
  },
}

function* end(): Steps<AuditHead> {
  const [row] = yield {
    sql: 'SELECT seq, hash, generation, signature FROM audit_head WHERE id = 1',
  }
  return row === undefined ? { seq: 0, hash: '', generation: 0, signature: '' } : headOf(row)
}
