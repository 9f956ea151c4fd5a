// What a recorded answer says, read in the plainest way: a second opinion on what our decoders make of it.
import { type Json, type JsonObject, isArray, isObject, tryParseJson } from '../src/wire/json.ts'

export interface Said {
  readonly text: string
  readonly thoughts: string
  /** `name arguments`, in order. */
  readonly calls: readonly string[]
  /** As the host counts: everything together. */
  readonly total: number | undefined
}

/** The frames of a stream that are JSON; a whole answer is one frame. */
function framesIn(bytes: string): readonly JsonObject[] {
  const whole = tryParseJson(bytes)
  if (isObject(whole)) return [whole]
  return bytes
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => tryParseJson(line.slice(5)))
    .filter((frame) => isObject(frame))
}

/** Of the first choice of a Chat Completions answer. */
export function chatSaid(bytes: string): Said {
  let text = ''
  let thoughts = ''
  let total: number | undefined
  const calls = new Map<string, { name: string; args: string }>()
  const isStream = tryParseJson(bytes) === undefined
  for (const frame of framesIn(bytes)) {
    const { usage = groqUsage(frame) } = frame
    if (isObject(usage) && typeof usage['total_tokens'] === 'number') total = usage['total_tokens']
    const [choice] = isArray(frame['choices']) ? frame['choices'] : []
    const [first, second] = isStream ? DELTA_FIRST : MESSAGE_FIRST
    const message = isObject(choice) ? (choice[first] ?? choice[second]) : undefined
    if (!isObject(message)) continue
    text += textAt(message['content'])
    const plain = message['reasoning_content'] ?? message['reasoning']
    thoughts += typeof plain !== 'string' ? detailsAt(message['reasoning_details']) : textAt(plain)
    const pieces = isArray(message['tool_calls']) ? message['tool_calls'] : []
    for (const [at, piece] of pieces.entries()) {
      if (!isObject(piece)) continue
      const key = String(piece['index'] ?? at)
      const { name, arguments: args } = isObject(piece['function']) ? piece['function'] : {}
      const call = calls.get(key) ?? { name: '', args: '' }
      calls.set(key, { name: call.name || textAt(name), args: call.args + textAt(args) })
    }
  }
  return {
    text,
    thoughts,
    calls: [...calls.values()].map((one) => `${one.name} ${one.args}`),
    total,
  }
}

/** Where it is the only place that counts. */
function groqUsage(frame: JsonObject): Json | undefined {
  const groq = frame['x_groq']
  return isObject(groq) ? groq['usage'] : undefined
}

function detailsAt(details: Json | undefined): string {
  if (!isArray(details)) return ''
  return details.map((one) => (isObject(one) ? textAt(one['text'] ?? one['summary']) : '')).join('')
}

/** Perplexity sends both: in its streams, the message is what has been said so far. */
const MESSAGE_FIRST = ['message', 'delta'] as const
const DELTA_FIRST = ['delta', 'message'] as const

function textAt(value: Json | undefined): string {
  if (typeof value === 'string') return value
  return isObject(value) ? JSON.stringify(value) : ''
}
