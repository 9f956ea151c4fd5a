// A Messages answer, by its fact sheet alone: blocks of a whole message, or the deltas of their events.
import { type Json, type JsonObject, isObject } from '../../src/wire/json.ts'
import {
  type Heard,
  callLine,
  countAt,
  listAt,
  nothingHeard,
  objectAt,
  objectsIn,
  sumOf,
  textAt,
} from './heard.ts'

export function messagesHeard(bytes: string): Heard {
  const heard = nothingHeard()
  const usage: Record<string, Json | undefined> = {}
  const inputs = new Map<
    Json | undefined,
    { name: string; text: string; input: Json | undefined }
  >()
  let id: Json | undefined
  for (const event of objectsIn(bytes)) {
    // Another answer begins in the middle of the first: what follows is not this one.
    const begun = objectAt(event, 'message')['id']
    if (id !== undefined && begun !== undefined && begun !== id) break
    id ??= begun
    const message = event['type'] === 'message' ? event : objectAt(event, 'message')
    for (const [at, block] of listAt(message, 'content').entries()) open(block, `whole ${at}`)
    const stop = message['stop_reason'] ?? objectAt(event, 'delta')['stop_reason']
    if (typeof stop === 'string') heard.finish = stop
    Object.assign(usage, known(objectAt(message, 'usage')), known(objectAt(event, 'usage')))
    if (event['type'] === 'content_block_start')
      open(objectAt(event, 'content_block'), event['index'])
    if (event['type'] !== 'content_block_delta') continue
    const delta = objectAt(event, 'delta')
    heard.text += textAt(delta, 'text')
    heard.thoughts += textAt(delta, 'thinking')
    const call = inputs.get(event['index'])
    if (call !== undefined) call.text += textAt(delta, 'partial_json')
  }
  heard.calls = [...inputs.values()].map(({ name, text, input }) =>
    callLine(name, text === '' ? input : text),
  )
  heard.input = sumOf(
    countAt(usage, 'input_tokens'),
    countAt(usage, 'cache_read_input_tokens'),
    countAt(usage, 'cache_creation_input_tokens'),
  )
  heard.output = countAt(usage, 'output_tokens')
  heard.cached = countAt(usage, 'cache_read_input_tokens')
  heard.reasoning = countAt(objectAt(usage, 'output_tokens_details'), 'thinking_tokens')
  return heard

  function open(block: JsonObject, index: Json | undefined): void {
    if (block['type'] === 'text') heard.text += textAt(block, 'text')
    if (block['type'] === 'thinking') heard.thoughts += textAt(block, 'thinking')
    if (block['type'] !== 'tool_use') return
    inputs.set(index, { name: textAt(block, 'name'), text: '', input: block['input'] })
  }
}

/** What is null is not told. */
function known(usage: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(usage).filter(([, value]) => typeof value === 'number' || isObject(value)),
  )
}
