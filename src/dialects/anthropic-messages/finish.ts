// Why the model stopped: `stop_reason`, `stop_sequence`, `stop_details`.
import { compact } from '../../canonical/compact.ts'
import type { Finish, FinishReason } from '../../canonical/response.ts'
import type { JsonObject, ObjectReader } from '../../wire/json.ts'
import type { StopReason } from './wire-types.ts'

const REASONS: ReadonlyMap<string, FinishReason> = new Map<StopReason, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['tool_use', 'tool-calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context-length'],
  ['pause_turn', 'pause'],
  ['refusal', 'content-filter'],
  ['compaction', 'compaction'],
])

/** The reasons that this wire has no word for, since they are failures. */
type FailedReason = 'error' | 'malformed-tool-call' | 'cancelled'

const WORDS = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  pause: 'pause_turn',
  refusal: 'refusal',
  'content-filter': 'refusal',
  compaction: 'compaction',
  other: 'end_turn',
} as const satisfies Record<Exclude<FinishReason, FailedReason>, StopReason>

/** Reads the three keys; undefined while the answer goes on. Null keys stay among the reader's leftovers. */
export function readFinish(reader: ObjectReader): Finish | undefined {
  const raw = reader.optionalString('stop_reason')
  if (raw === undefined) return undefined
  const details = reader.optionalObject('stop_details')?.source
  return {
    reason: REASONS.get(raw) ?? 'other',
    raw,
    ...compact({ stopSequence: reader.optionalString('stop_sequence'), detail: details }),
  }
}

/** With calls to be answered the model has not stopped for good, without them it has, whatever a compatible server says. */
export function withCalls(finish: Finish, parts: readonly { readonly type: string }[]): Finish {
  const calling = parts.some((part) => part.type === 'tool-call')
  if (calling && finish.reason === 'stop') return { ...finish, reason: 'tool-calls' }
  return !calling && finish.reason === 'tool-calls' ? { ...finish, reason: 'stop' } : finish
}

/** Undefined for a failure, which must not look like an end. `own`: the answer came from this dialect, whose words stay. */
export function printFinish(
  finish: Finish | undefined,
  { own }: { readonly own: boolean },
): JsonObject | undefined {
  const word = own && finish?.raw !== undefined ? finish.raw : wordOf(finish?.reason ?? 'other')
  if (word === undefined) return undefined
  return {
    stop_reason: word,
    stop_sequence: finish?.stopSequence ?? null,
    stop_details: own ? finish?.detail : undefined,
  }
}

function wordOf(reason: FinishReason): StopReason | undefined {
  if (reason === 'error' || reason === 'malformed-tool-call' || reason === 'cancelled') {
    return undefined
  }
  return WORDS[reason]
}
