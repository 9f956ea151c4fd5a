// Why an answer ended: the vendor's words, some of which say that it failed.
import type { Finish, FinishReason } from '../../canonical/response.ts'
import type { Json } from '../../wire/json.ts'
import { FINISH_REASONS } from './wire-types.ts'

const REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['LANGUAGE', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['ESCALATION', 'content-filter'],
  ['MODEL_ARMOR', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ['IMAGE_RECITATION', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'malformed-tool-call'],
  ['UNEXPECTED_TOOL_CALL', 'malformed-tool-call'],
  ['TOO_MANY_TOOL_CALLS', 'malformed-tool-call'],
  ['MISSING_THOUGHT_SIGNATURE', 'malformed-tool-call'],
  ['MALFORMED_RESPONSE', 'error'],
])

/** `called`: the answer holds calls, which this wire has no reason of its own for. */
export function readFinish(value: Json | undefined, called: boolean): Finish | undefined {
  const raw = wordOf(value)
  if (raw === undefined) return undefined
  const reason = REASONS.get(raw) ?? 'other'
  return { reason: reason === 'stop' && called ? 'tool-calls' : reason, raw }
}

/** Some clients have enumerations written as numbers. */
function wordOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return FINISH_REASONS[value] ?? String(value)
  return typeof value === 'string' ? value : undefined
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  refusal: 'STOP',
  pause: 'STOP',
  length: 'MAX_TOKENS',
  'context-length': 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  'malformed-tool-call': 'MALFORMED_FUNCTION_CALL',
  compaction: 'OTHER',
  other: 'OTHER',
  error: 'OTHER',
  cancelled: 'OTHER',
}

/** `own`: the answer came from this dialect, whose words stay. */
export function printFinish(
  finish: Finish | undefined,
  { own }: { readonly own: boolean },
): string {
  if (own && finish?.raw !== undefined) return finish.raw
  return WORDS[finish?.reason ?? 'other']
}

/** Endings that are failures: they are said as an error, never as an end. */
export function isFailure(finish: Finish | undefined, { own }: { readonly own: boolean }): boolean {
  if (own && finish?.raw !== undefined) return false
  return finish?.reason === 'error' || finish?.reason === 'cancelled'
}
