// Why an answer ended: the five words of this wire, and what other reasons become of them.
import type { Part } from '../../canonical/part.ts'
import type { Finish, FinishReason } from '../../canonical/response.ts'

const REASONS = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['model_length', 'context-length'],
  ['tool_calls', 'tool-calls'],
  ['error', 'error'],
])

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-length': 'model_length',
  'tool-calls': 'tool_calls',
  'content-filter': 'stop',
  refusal: 'stop',
  pause: 'stop',
  'malformed-tool-call': 'error',
  compaction: 'stop',
  error: 'error',
  cancelled: 'error',
  other: 'stop',
}

/** What the parts show to be wrong or missing in Mistral's word is put right. */
export function decodeFinish(
  raw: string | undefined,
  parts: readonly Pick<Part, 'type'>[],
): Finish {
  const calls = parts.some((part) => part.type === 'tool-call')
  if (raw === undefined) return { reason: calls ? 'tool-calls' : 'stop' }
  const reason = REASONS.get(raw) ?? 'other'
  if (reason === 'stop' && calls) return { reason: 'tool-calls', raw }
  if (reason === 'tool-calls' && !calls) return { reason: 'stop', raw }
  return { reason, raw }
}

/** `own`: the answer came on this wire, so that its own word may be said again. */
export function encodeFinish({ reason, raw }: Finish, { own }: { readonly own: boolean }): string {
  return own && raw !== undefined ? raw : WORDS[reason]
}
