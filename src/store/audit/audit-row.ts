// Entries as rows and back. What does not read as an entry is an entry that somebody has edited.
import { compact } from '../../canonical/compact.ts'
import { type JsonObject, isObject, tryParseJson } from '../../wire/json.ts'
import type { Row, Value } from '../operation.ts'
import { numberIn, optionalTextIn, textIn } from '../row.ts'
import { ACTORS, type AuditEntry, type AuditHead, OUTCOMES } from './entry.ts'

export const COLUMNS =
  'seq, at, actor, actor_id, role, action, subject, outcome, status, request_id, details, generation, previous, hash'

export function valuesOf(entry: AuditEntry): readonly Value[] {
  const { details } = entry
  return [
    entry.seq,
    entry.at,
    entry.actor,
    entry.actorId ?? null,
    entry.role ?? null,
    entry.action,
    entry.subject ?? null,
    entry.outcome,
    entry.status ?? null,
    entry.requestId ?? null,
    details === undefined ? null : JSON.stringify(details),
    entry.generation,
    entry.previous,
    entry.hash,
  ]
}

/** An entry, or only its number where it does not read as one. */
export type FoundEntry = AuditEntry | { readonly seq: number; readonly unreadable: true }

export function entryOf(row: Row): FoundEntry {
  const seq = numberIn(row, 'seq')
  const actor = ACTORS.find((known) => known === row['actor'])
  const outcome = OUTCOMES.find((known) => known === row['outcome'])
  const details = detailsIn(optionalTextIn(row, 'details'))
  if (actor === undefined || outcome === undefined || details === 'unreadable') {
    return { seq, unreadable: true }
  }
  return compact({
    seq,
    at: numberIn(row, 'at'),
    actor,
    actorId: optionalTextIn(row, 'actor_id'),
    role: optionalTextIn(row, 'role'),
    action: textIn(row, 'action'),
    subject: optionalTextIn(row, 'subject'),
    outcome,
    status: row['status'] === null ? undefined : numberIn(row, 'status'),
    requestId: optionalTextIn(row, 'request_id'),
    details,
    generation: numberIn(row, 'generation'),
    previous: textIn(row, 'previous'),
    hash: textIn(row, 'hash'),
  })
}

export function headOf(row: Row): AuditHead {
  return {
    seq: numberIn(row, 'seq'),
    hash: textIn(row, 'hash'),
    generation: numberIn(row, 'generation'),
    signature: textIn(row, 'signature'),
  }
}

function detailsIn(text: string | undefined): JsonObject | undefined | 'unreadable' {
  if (text === undefined) return undefined
  const value = tryParseJson(text)
  return isObject(value) ? value : 'unreadable'
}
