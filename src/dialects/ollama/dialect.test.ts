// The suite that every dialect passes, over Ollama's own fixtures.
import type { Json } from '../../wire/json.ts'
import { ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { fixturesOf } from '../../../test/fixtures.ts'
import { dialectContract } from '../dialect.contract.ts'
import { ollama } from './dialect.ts'

/** All text, thinking and calls of the lines together, and what the last one says of the end. */
function assemble(lines: readonly Json[]): Json {
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

dialectContract({
  dialect: ollama,
  fixtures: fixturesOf('ollama'),
  pathOf: (fixture) => (fixture.name.startsWith('generate') ? '/api/generate' : '/api/chat'),
  assemble,
})
