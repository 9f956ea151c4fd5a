// Usage as a table for spreadsheets: RFC 4180, and no cell that one would run as a formula.
import type { Json, JsonObject } from '../../wire/json.ts'

export const ENTRY_COLUMNS = [
  'time',
  'request_id',
  'attempt_id',
  'kind',
  'operation',
  'key',
  'team',
  'route',
  'provider',
  'model',
  'status',
  'error',
  'source',
  'price',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_usd',
  'latency_ms',
  'tags',
] as const

/** A line with its end. */
export function csvLine(cells: readonly (Json | undefined)[]): string {
  return `${cells.map((cell) => cellText(cell)).join(',')}\r\n`
}

export function entryLine(entry: JsonObject): string {
  return csvLine(ENTRY_COLUMNS.map((column) => entry[column]))
}

/** OWASP "CSV Injection": what begins like a formula gets an apostrophe before it. Amounts of ours are numbers, also below 0. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/u
const AMOUNT = /^-?\d+(?:\.\d+)?$/

function cellText(cell: Json | undefined): string {
  if (cell === undefined || cell === null) return ''
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell)
  const safe = FORMULA.test(text) && !AMOUNT.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
