// Reads recorded usage: summed up by groups, and entry by entry.
import { compact } from '../../canonical/compact.ts'
import type {
  EntryQuery,
  GroupedUsage,
  UsageEntry,
  UsageFilter,
  UsageQuery,
  UsageSum,
} from '../../usage/usage-query.ts'
import type { Operation, Row } from '../operation.ts'
import { numberIn, optionalTextIn, textIn } from '../row.ts'
import { Places, groupsOf, whereOf } from './usage-filter.ts'

const GUESSED = "l.source IN ('estimate', 'crash_estimate')"
const FAILED = "l.status IN ('failed', 'cut', 'crashed')"
const SETTLED = "l.kind = 'settle'"

function total(column: string, when?: string): string {
  const counted = when === undefined ? column : `CASE WHEN ${when} THEN ${column} ELSE 0 END`
  return `CAST(COALESCE(SUM(${counted}), 0) AS BIGINT)`
}

const SUMS: readonly (readonly [string, string])[] = [
  ['requests', `COUNT(DISTINCT CASE WHEN ${SETTLED} THEN l.call_id END)`],
  ['attempts', total('1', SETTLED)],
  ['errors', total('1', `${SETTLED} AND ${FAILED}`)],
  ['unpriced', total('1', `${SETTLED} AND l.nano_usd IS NULL`)],
  ['input_tokens', total('l.input_tokens')],
  ['cache_read_tokens', total('l.cache_read_tokens')],
  ['cache_write_tokens', total('l.cache_write_tokens')],
  ['output_tokens', total('l.output_tokens')],
  ['reasoning_tokens', total('l.reasoning_tokens')],
  ['nano_usd', total('l.nano_usd')],
  ['estimated_nano_usd', total('l.nano_usd', GUESSED)],
]
const SUM_COLUMNS = SUMS.map(([name, sql]) => `${sql} AS ${name}`).join(', ')

export const sumUsage: Operation<UsageFilter, UsageSum> = {
  name: 'usage/sum',
  reads: true,
  *steps(filter) {
    const places = new Places()
    const where = whereOf(filter, places)
    const [row] = yield {
      sql: `SELECT ${SUM_COLUMNS} FROM ledger l WHERE ${where}`,
      values: places.values,
    }
    if (row === undefined) throw new Error('a sum over nothing is a row all the same')
    return sumIn(row)
  },
}

export const groupUsage: Operation<UsageQuery, readonly GroupedUsage[]> = {
  name: 'usage/group',
  reads: true,
  *steps(query) {
    const { groups, after, limit } = query
    const places = new Places()
    const { columns, joins } = groupsOf(groups, query, places)
    const where = whereOf(query, places)
    const names = columns.map((_, at) => `g${at}`)
    const chosen = columns.map((column, at) => `${column} AS g${at}`)
    const beyond =
      after === undefined
        ? ''
        : `WHERE (${names.join(', ')}) > (${after.map((value) => places.of(value)).join(', ')})`
    const rows = yield {
      sql: `SELECT * FROM (SELECT ${[...chosen, SUM_COLUMNS].join(', ')} FROM ledger l ${joins} WHERE ${where}
        GROUP BY ${columns.map((_, at) => at + 1).join(', ')}) grouped ${beyond}
        ORDER BY ${names.join(', ')} LIMIT ${places.of(limit)}`,
      values: places.values,
    }
    return rows.map((row) => ({
      ...sumIn(row),
      values: names.map((name) => row[name] ?? ''),
    }))
  },
}

const ENTRY =
  'l.attempt_id, l.kind, l.call_id, l.counted_at, l.operation, l.caller, l.team, l.route, l.provider, l.model, l.price, l.input_tokens, l.cache_read_tokens, l.cache_write_tokens, l.output_tokens, l.reasoning_tokens, l.nano_usd, l.source, l.status, l.error_kind, l.latency_ms'

export const listUsage: Operation<EntryQuery, readonly UsageEntry[]> = {
  name: 'usage/entries',
  reads: true,
  *steps(query) {
    const { after, limit } = query
    const places = new Places()
    const where = whereOf(query, places)
    const beyond =
      after === undefined
        ? ''
        : `AND (l.counted_at, l.attempt_id, l.kind) > (${places.of(after.at)}, ${places.of(after.attemptId)}, ${places.of(after.kind)})`
    const rows = yield {
      sql: `SELECT ${ENTRY} FROM ledger l WHERE ${where} ${beyond}
        ORDER BY l.counted_at, l.attempt_id, l.kind LIMIT ${places.of(limit)}`,
      values: places.values,
    }
    if (rows.length === 0) return []
    const ids = new Places()
    const wanted = [...new Set(rows.map((row) => textIn(row, 'attempt_id')))]
    const tags = yield {
      sql: `SELECT attempt_id, name, value FROM ledger_tags WHERE attempt_id IN (${wanted.map((id) => ids.of(id)).join(', ')}) ORDER BY attempt_id, name`,
      values: ids.values,
    }
    const byAttempt = Map.groupBy(tags, (tag) => textIn(tag, 'attempt_id'))
    return rows.map((row) => entryIn(row, byAttempt.get(textIn(row, 'attempt_id')) ?? []))
  },
}

export const usageOperations: readonly Operation<unknown, unknown>[] = [
  groupUsage,
  listUsage,
  sumUsage,
]

function sumIn(row: Row): UsageSum {
  return {
    requests: numberIn(row, 'requests'),
    attempts: numberIn(row, 'attempts'),
    errors: numberIn(row, 'errors'),
    unpriced: numberIn(row, 'unpriced'),
    tokens: {
      input: numberIn(row, 'input_tokens'),
      cacheRead: numberIn(row, 'cache_read_tokens'),
      cacheWrite: numberIn(row, 'cache_write_tokens'),
      output: numberIn(row, 'output_tokens'),
      reasoning: numberIn(row, 'reasoning_tokens'),
    },
    nanoUsd: numberIn(row, 'nano_usd'),
    estimatedNanoUsd: numberIn(row, 'estimated_nano_usd'),
  }
}

function entryIn(row: Row, tags: readonly Row[]): UsageEntry {
  return compact({
    attemptId: textIn(row, 'attempt_id'),
    kind: textIn(row, 'kind'),
    callId: textIn(row, 'call_id'),
    at: numberIn(row, 'counted_at'),
    operation: textIn(row, 'operation'),
    key: optionalTextIn(row, 'caller'),
    team: optionalTextIn(row, 'team'),
    route: optionalTextIn(row, 'route'),
    provider: textIn(row, 'provider'),
    model: textIn(row, 'model'),
    price: optionalTextIn(row, 'price'),
    tokens: compact({
      input: optionalNumberIn(row, 'input_tokens'),
      cacheRead: optionalNumberIn(row, 'cache_read_tokens'),
      cacheWrite: optionalNumberIn(row, 'cache_write_tokens'),
      output: optionalNumberIn(row, 'output_tokens'),
      reasoning: optionalNumberIn(row, 'reasoning_tokens'),
    }),
    nanoUsd: optionalNumberIn(row, 'nano_usd'),
    source: optionalTextIn(row, 'source'),
    status: optionalTextIn(row, 'status'),
    error: optionalTextIn(row, 'error_kind'),
    latencyMs: optionalNumberIn(row, 'latency_ms'),
    tags: Object.fromEntries(tags.map((tag) => [textIn(tag, 'name'), textIn(tag, 'value')])),
  })
}

function optionalNumberIn(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberIn(row, column)
}
