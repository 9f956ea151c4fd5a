// What a sequence of lines amounts to, worked out without the dialect's own code, for its tests.
import { type Json, ObjectReader, isArray, isObject } from '../../wire/json.ts'

/** All text, thinking and calls of the lines together, and what the last one says of the end. */
export function assembleLines(lines: readonly Json[]): Json {
  let content = ''
  let thinking = ''
  const calls: Json[] = []
  const logprobs: Json[] = []
  let last: Json = null
  for (const line of lines) {
    const reader = ObjectReader.of(line, '')
    const message = reader.optionalObject('message') ?? reader
    content += message.optionalString('content') ?? message.optionalString('response') ?? ''
    thinking += message.optionalString('thinking') ?? ''
    for (const call of message.optionalItems('tool_calls') ?? []) calls.push(call.value)
    const some = reader.peek('logprobs')
    if (isArray(some)) logprobs.push(...some)
    if (isObject(line) && line['done'] === true) {
      const { created_at: _, ...rest } = line
      last = rest
    }
  }
  return { content, thinking, calls, logprobs, last }
}
