// Why an answer ended: the words of all hosts, and the four that this wire has.
import type { Part } from '../../canonical/part.ts'
import type { Finish, FinishReason } from '../../canonical/response.ts'

const REASONS = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['end_turn', 'stop'],
  ['completed', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'context-length'],
  ['model_context_window_exceeded', 'context-length'],
  ['tool_calls', 'tool-calls'],
  ['tool_use', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['safety', 'content-filter'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
  ['insufficient_system_resource', 'error'],
  ['error', 'error'],
  ['abort', 'cancelled'],
  ['cancelled', 'cancelled'],
])

/** Hosts disagree in case, and leak other vendors' words. */
function reasonOf(raw: string): FinishReason {
  return REASONS.get(raw.toLowerCase()) ?? 'other'
}

/** What the parts show to be wrong or missing in the host's word is put right. `stopped` is the stop string, where the host names it. */
export function decodeFinish(
  raw: string | undefined,
  parts: readonly Pick<Part, 'type'>[],
  stopped?: string,
): Finish {
  const calls = parts.some((part) => part.type === 'tool-call')
  const refused = parts.some((part) => part.type === 'refusal')
  if (raw === undefined || raw === '') return { reason: calls ? 'tool-calls' : 'stop' }
  const said = reasonOf(raw)
  const reason = said === 'tool-calls' && !calls ? 'stop' : said
  if (reason === 'stop' && calls) return { reason: 'tool-calls', raw }
  if (reason === 'stop' && refused) return { reason: 'refusal', raw }
  if (reason === 'stop' && stopped !== undefined) {
    return { reason: 'stop-sequence', raw, stopSequence: stopped }
  }
  return { reason, raw }
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-length': 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'stop',
  pause: 'stop',
  'malformed-tool-call': 'stop',
  compaction: 'stop',
  error: 'error',
  cancelled: 'stop',
  other: 'stop',
}

interface FinishSpelling {
  /** The answer came on this wire, so that its own word may be said again. */
  readonly own: boolean
  readonly legacyCalls: boolean
}

export function encodeFinish(finish: Finish, { own, legacyCalls }: FinishSpelling): string {
  const { reason, raw } = finish
  if (own && raw !== undefined && saysTheSame(raw, reason)) return raw
  return legacyCalls && reason === 'tool-calls' ? 'function_call' : WORDS[reason]
}

function saysTheSame(raw: string, reason: FinishReason): boolean {
  return reasonOf(raw) === reason || raw === WORDS[reason]
}
