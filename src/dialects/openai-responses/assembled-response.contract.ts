// What a sequence of events amounts to, worked out without the dialect's own code, for its tests.
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

/** Texts that grow by deltas, by the event's name: where they stand in their item. */
const GROWING: Readonly<Record<string, string>> = {
  'response.output_text.delta': 'content_index',
  'response.refusal.delta': 'content_index',
  'response.reasoning_text.delta': 'content_index',
  'response.reasoning_summary_text.delta': 'summary_index',
  'response.function_call_arguments.delta': '',
  'response.custom_tool_call_input.delta': '',
  'response.code_interpreter_call_code.delta': '',
  'response.mcp_call_arguments.delta': '',
  'response.audio.delta': '',
  'response.audio.transcript.delta': '',
}

const ENDS: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
])

/** The response as it ended, and what the deltas of each item said, which must be the same; or the error alone. */
export function assembleResponse(frames: readonly Json[]): Json {
  const texts = new Map<string, string>()
  const done = new Map<Json, Json>()
  for (const frame of frames) {
    if (!isObject(frame)) continue
    const { type, delta, response } = frame
    if (typeof type !== 'string') continue
    if (type === 'error') return { error: errorMessage(frame) }
    if (type === 'response.output_item.done') {
      done.set(frame['output_index'] ?? null, frame['item'] ?? null)
    }
    // LM Studio gives arguments only here; other hosts say the same again.
    if (type === 'response.function_call_arguments.done') {
      const key = [frame['output_index'], 'response.function_call_arguments.delta', null]
      texts.set(JSON.stringify(key), String(frame['arguments']))
    }
    const slot = GROWING[type]
    if (slot !== undefined && typeof delta === 'string') {
      const key = JSON.stringify([frame['output_index'], type, slot === '' ? null : frame[slot]])
      texts.set(key, (texts.get(key) ?? '') + delta)
    }
    if (type === 'response.failed' && isObject(response)) return { error: errorMessage(response) }
    if (ENDS.has(type) && isObject(response)) {
      return {
        type,
        response: settled(response, [...done.values()]),
        texts: Object.fromEntries(texts),
      }
    }
  }
  return { cut: true }
}

function errorMessage(frame: JsonObject): Json {
  const { error, message } = frame
  return (isObject(error) ? error['message'] : message) ?? null
}

/**
 * Some hosts change an item's id between its first event and its last; clients must see one. Encrypted content is
 * encrypted anew for the last event: either copy will do.
 */
function settled(response: JsonObject, done: readonly Json[]): JsonObject {
  const { output } = response
  const items = isArray(output) && output.length > 0 ? output : done
  const same: JsonObject = JSON.parse(JSON.stringify({ ...response, output: items }), rounded)
  return {
    ...same,
    id: null,
    output: items.map((_, at) => {
      const item = isArray(same['output']) ? same['output'][at] : undefined
      return isObject(item) ? { ...item, id: null, encrypted_content: null } : null
    }),
  }
}

/** Pieces have more digits than the whole. */
function rounded(key: string, value: Json): Json {
  return key === 'logprob' && typeof value === 'number' ? Number(value.toFixed(3)) + 0 : value
}
