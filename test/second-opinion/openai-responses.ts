// A Responses answer, by its fact sheet alone: the items of the last event, or those that were told one by one.
import { type JsonObject, isObject } from '../../src/wire/json.ts'
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

const ENDS = new Set(['response.completed', 'response.incomplete', 'response.failed'])

export function responsesHeard(bytes: string): Heard {
  const heard = nothingHeard()
  const all = objectsIn(bytes)
  // Some recordings hold several answers, one behind the other: the first is the one.
  const last = all.findIndex(({ type }) => typeof type === 'string' && ENDS.has(type))
  const objects = last === -1 ? all : all.slice(0, last + 1)
  const told = objects.flatMap(({ type, item }) =>
    type === 'response.output_item.done' && isObject(item) ? [item] : [],
  )
  const ended = objects.map((one) => one['response']).findLast((one) => isObject(one))
  const response = isObject(ended) ? ended : (objects[0] ?? {})
  const output = listAt(response, 'output')
  for (const item of output.length === 0 ? told : output) listen(heard, item)
  heard.finish = textAt(response, 'status')
  const usage = response['usage']
  heard.input = countAt(usage, 'input_tokens')
  heard.output = countAt(usage, 'output_tokens')
  heard.cached = countAt(objectAt(usage, 'input_tokens_details'), 'cached_tokens')
  heard.reasoning = countAt(objectAt(usage, 'output_tokens_details'), 'reasoning_tokens')
  return heard
}

function listen(heard: Heard, item: JsonObject): void {
  switch (item['type']) {
    case 'message':
      for (const part of listAt(item, 'content')) {
        heard.text += textAt(part, 'text')
        heard.refusal += textAt(part, 'refusal')
      }
      return
    case 'reasoning': {
      const own = listAt(item, 'content')
      const parts = own.length === 0 ? listAt(item, 'summary') : own
      heard.thoughts += parts.map((part) => textAt(part, 'text')).join('\n\n')
      return
    }
    case 'function_call':
      heard.calls.push(callLine(nameOf(item), item['arguments']))
      return
    case 'custom_tool_call':
      heard.calls.push(callLine(nameOf(item), item['input']))
      return
    default:
  }
}

/** Two tools may have one name in two namespaces. */
function nameOf(item: JsonObject): string {
  return [textAt(item, 'namespace'), textAt(item, 'name')].filter((word) => word !== '').join('.')
}
