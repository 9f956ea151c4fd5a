// A Chat Completions answer, by its fact sheet alone; Mistral's differs in its content, which may be a list of chunks.
import { type Json, type JsonObject, isArray, isObject, tryParseJson } from '../../src/wire/json.ts'
import {
  type Heard,
  callLine,
  countAt,
  listAt,
  nothingHeard,
  objectAt,
  objectsIn,
  textAt,
} from './heard.ts'

export function chatHeard(bytes: string): Heard {
  const heard = nothingHeard()
  const calls = new Map<string, { name: string; args: string }>()
  const isWhole = isObject(tryParseJson(bytes))
  for (const chunk of objectsIn(bytes)) {
    // Groq counts some streams in an object of its own.
    const usage = chunk['usage'] ?? objectAt(chunk, 'x_groq')['usage']
    if (isObject(usage)) count(heard, usage)
    const choice = listAt(chunk, 'choices').find(({ index = 0 }) => index === 0)
    if (choice === undefined) continue
    if (typeof choice['finish_reason'] === 'string') heard.finish = choice['finish_reason']
    // Perplexity sends both: in a stream the message is what has been said so far, in a whole answer the delta is empty.
    const [first, second] = isWhole ? ['delta', 'message'] : ['message', 'delta']
    const message = { ...objectAt(choice, first), ...objectAt(choice, second) }
    listen(heard, message['content'])
    heard.thoughts += thoughtsAt(message)
    heard.refusal += textAt(message, 'refusal')
    for (const [at, call] of listAt(message, 'tool_calls').entries()) hear(calls, call, at)
    const older = objectAt(message, 'function_call')
    if (Object.keys(older).length > 0) hear(calls, { function: older, index: 0 }, 0)
  }
  heard.calls = [...calls.values()].map(({ name, args }) => callLine(name, args))
  return heard
}

/** Under any of the three names that hosts have for it. */
function thoughtsAt(message: JsonObject): string {
  const plain = textAt(message, 'reasoning_content') || textAt(message, 'reasoning')
  if (plain !== '') return plain
  const details = listAt(message, 'reasoning_details')
  return details.map((one) => textAt(one, 'text') || textAt(one, 'summary')).join('')
}

function listen(heard: Heard, content: Json | undefined): void {
  if (typeof content === 'string') heard.text += content
  // Perplexity's answer by a schema is the value itself.
  if (isObject(content)) heard.text += JSON.stringify(content)
  for (const chunk of isArray(content) ? content : []) {
    heard.text += textAt(chunk, 'text')
    for (const thought of listAt(chunk, 'thinking')) heard.thoughts += textAt(thought, 'text')
  }
}

function hear(
  calls: Map<string, { name: string; args: string }>,
  call: JsonObject,
  at: number,
): void {
  const key = String(call['index'] ?? at)
  const callee = objectAt(call, 'function')
  const custom = objectAt(call, 'custom')
  const args = callee['arguments'] ?? custom['input']
  const known = calls.get(key) ?? { name: '', args: '' }
  calls.set(key, {
    // Some hosts say it again with every piece.
    name: known.name || textAt(callee, 'name') || textAt(custom, 'name'),
    args:
      known.args + (isObject(args) ? JSON.stringify(args) : typeof args === 'string' ? args : ''),
  })
}

function count(heard: Heard, usage: JsonObject): void {
  const details = [
    objectAt(usage, 'prompt_tokens_details'),
    objectAt(usage, 'prompt_token_details'),
  ]
  heard.input = countAt(usage, 'prompt_tokens')
  heard.output = countAt(usage, 'completion_tokens')
  heard.cached =
    details.map((one) => countAt(one, 'cached_tokens')).find((one) => one !== undefined) ??
    countAt(usage, 'num_cached_tokens')
  heard.reasoning = countAt(objectAt(usage, 'completion_tokens_details'), 'reasoning_tokens')
}
