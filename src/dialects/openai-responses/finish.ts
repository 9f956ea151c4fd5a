// Why an answer ended. This wire has a status and, where it is not complete, a reason; that tools are to be called shows in the items.
import type { Part } from '../../canonical/part.ts'
import type { Finish, FinishReason } from '../../canonical/response.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** Items that wait for the client; other vendor's items have been run already. */
const CLIENT_CALLS: ReadonlySet<string> = new Set([
  'computer_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
])

export function decodeFinish(
  status: string | undefined,
  incomplete: Json | undefined,
  parts: readonly Part[],
): Finish {
  if (status === 'incomplete') {
    const why = isObject(incomplete) ? incomplete : {}
    const { reason: word } = why
    const reason = typeof word === 'string' ? INCOMPLETE.get(word) : undefined
    return { reason: reason ?? 'other', raw: status, detail: why }
  }
  if (status === 'cancelled' || status === 'failed') {
    return { reason: status === 'failed' ? 'error' : status, raw: status }
  }
  if (status !== undefined && status !== 'completed') return { reason: 'other', raw: status }
  const raw = { raw: 'completed' }
  if (parts.some((part) => isClientCall(part))) return { reason: 'tool-calls', ...raw }
  if (parts.some((part) => part.type === 'refusal')) return { reason: 'refusal', ...raw }
  return { reason: 'stop', ...raw }
}

const INCOMPLETE = new Map<string, FinishReason>([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content-filter'],
])

function isClientCall(part: Part): boolean {
  if (part.type === 'tool-call') return true
  if (part.type !== 'opaque' || !isObject(part.native)) return false
  const searches = part.what === 'tool_search_call' && part.native['execution'] === 'client'
  return searches || CLIENT_CALLS.has(part.what)
}

export interface Ending {
  readonly status: string
  /** Why it is incomplete: `incomplete_details`. */
  readonly why?: JsonObject
}

/** `maker`: the dialect that the answer came from. */
export function encodeFinish(finish: Finish | undefined, maker: string): Ending {
  if (finish === undefined) return { status: 'completed' }
  const { reason, raw, detail } = finish
  if (maker === OPENAI_RESPONSES && raw !== undefined) {
    return { status: raw, ...(isObject(detail) ? { why: detail } : {}) }
  }
  switch (reason) {
    case 'length':
    case 'context-length':
      return { status: 'incomplete', why: { reason: 'max_output_tokens' } }
    case 'content-filter':
      return { status: 'incomplete', why: { reason: 'content_filter' } }
    case 'error':
    case 'malformed-tool-call':
      return { status: 'failed' }
    case 'cancelled':
      return { status: 'cancelled' }
    case 'stop':
    case 'stop-sequence':
    case 'tool-calls':
    case 'refusal':
    case 'pause':
    case 'compaction':
    case 'other':
      return { status: 'completed' }
  }
}
