// The rows of the ledger: how they are added.
import type { AttemptLabels, Settlement, UsedTokens } from '../../ledger/ledger.ts'
import type { Statement, Steps, Value } from '../operation.ts'

type EntryKind = 'reserve' | 'dispatch' | 'settle' | 'adjust' | 'hedge_loser'

/** What an entry says besides for whom it is. */
export interface Said {
  readonly kind: EntryKind
  readonly at: number
  /** Absent of what is no use yet. */
  readonly countedAt?: number | undefined
  readonly tokens?: UsedTokens | undefined
  readonly nanoUsd?: number | undefined
  readonly source?: Settlement['source'] | undefined
  readonly status?: Settlement['status'] | undefined
  readonly errorKind?: string | undefined
  readonly latencyMs?: number | undefined
}

const NO_TOKENS: UsedTokens = {}

const COLUMNS = [
  'attempt_id',
  'kind',
  'call_id',
  'at',
  'counted_at',
  'operation',
  'caller',
  'team',
  'parents',
  'route',
  'provider',
  'model',
  'credential',
  'price',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'nano_usd',
  'source',
  'status',
  'error_kind',
  'latency_ms',
] as const

const INSERT = insertOf(1)
const INSERT_TWO = insertOf(2)
const INSERT_TOLD = `${INSERT} RETURNING kind`

function insertOf(entries: number): string {
  const places = Array.from({ length: entries }, (_, entry) =>
    COLUMNS.map((__, at) => `$${entry * COLUMNS.length + at + 1}`).join(', '),
  )
  return `INSERT INTO ledger (${COLUMNS.join(', ')}) VALUES ${places.map((row) => `(${row})`).join(', ')}
  ON CONFLICT (attempt_id, kind) DO NOTHING`
}

export function entry(labels: AttemptLabels, said: Said): Statement {
  return { sql: INSERT, values: valuesOf(labels, said) }
}

/** Gives a row where it is new. */
export function newEntry(labels: AttemptLabels, said: Said): Statement {
  return { sql: INSERT_TOLD, values: valuesOf(labels, said) }
}

/** Two about one attempt. */
export function twoEntries(labels: AttemptLabels, one: Said, other: Said): Statement {
  return { sql: INSERT_TWO, values: [...valuesOf(labels, one), ...valuesOf(labels, other)] }
}

function valuesOf(labels: AttemptLabels, said: Said): Value[] {
  const { parents } = labels
  const { tokens = NO_TOKENS } = said
  return [
    labels.attemptId,
    said.kind,
    labels.callId,
    said.at,
    said.countedAt ?? null,
    labels.operation,
    labels.caller ?? null,
    labels.team ?? null,
    parents === undefined || parents.length === 0 ? null : JSON.stringify(parents),
    labels.route ?? null,
    labels.provider,
    labels.model,
    labels.credential ?? null,
    labels.price ?? null,
    tokens.input ?? null,
    tokens.cacheRead ?? null,
    tokens.cacheWrite ?? null,
    tokens.output ?? null,
    tokens.reasoning ?? null,
    said.nanoUsd ?? null,
    said.source ?? null,
    said.status ?? null,
    said.errorKind ?? null,
    said.latencyMs ?? null,
  ]
}

export function* tagged({ attemptId, tags }: AttemptLabels): Steps<void> {
  if (tags === undefined) return
  for (const [name, value] of Object.entries(tags)) {
    yield {
      sql: 'INSERT INTO ledger_tags (attempt_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (attempt_id, name) DO NOTHING',
      values: [attemptId, name, value],
    }
  }
}
