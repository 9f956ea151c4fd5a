// Tool calls of a message: whole ones, with arguments as an object and, from older servers, no id.
import { compact } from '../../canonical/compact.ts'
import type { ToolArguments, ToolCallPart } from '../../canonical/part.ts'
import { type Item, type Json, ObjectReader, isObject, tryParseJson } from '../../wire/json.ts'
import { argumentsObject } from '../lowering/object-arguments.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { leftovers } from './extension.ts'
import type { WireToolCall } from './wire-types.ts'

/** One entry of `tool_calls`. `seed` names its place, so that a missing id is minted the same way each time. */
export function readToolCall(item: Item, seed: string): ToolCallPart {
  const call = ObjectReader.of(item.value, item.path)
  const tool = call.object('function')
  const name = tool.string('name')
  const index = tool.value('index')
  const given = call.optionalString('id')
  if (given === '') call.leave('id')
  const { shape, ...args } = readArguments(tool)
  const minted = given === undefined || given === ''
  return {
    type: 'tool-call',
    kind: 'function',
    name,
    callId: minted ? mintToolId(seed) : given,
    ...(minted ? { callIdMinted: true } : {}),
    arguments: args,
    ...leftovers.keptFields(
      { ...call.rest(), ...compact({ function: tool.rest() }) },
      {
        ...(minted ? { id: 'absent' } : {}),
        index: index ?? 'absent',
        ...compact({ arguments: shape }),
      },
    ),
  }
}

// Objects by the specification; servers that imitate Ollama also send text or nothing.
function readArguments(tool: ObjectReader): ToolArguments & { readonly shape?: string } {
  const value = tool.value('arguments')
  if (typeof value === 'string') {
    return { text: value, ...compact({ json: tryParseJson(value) }), shape: 'text' }
  }
  if (value === undefined || value === null) {
    tool.leave('arguments')
    return { text: '{}', json: {}, shape: 'absent' }
  }
  const json = ObjectReader.of(value, tool.path('arguments')).source
  return { text: JSON.stringify(json), json }
}

/** `index` is where the call stands among those of its message; undefined leaves it out. */
export function printToolCall(part: ToolCallPart, index: Json | undefined): WireToolCall {
  const { function: inner, ...fields } = leftovers.fieldsOf(part)
  const shape = leftovers.shapeOf(part)
  return {
    ...fields,
    ...compact({ id: shape['id'] === 'absent' ? undefined : part.callId }),
    function: {
      ...(isObject(inner) ? inner : {}),
      ...compact({ index: shape['index'] === 'absent' ? undefined : index }),
      name: part.name,
      ...compact({ arguments: printedArguments(part) }),
    },
  }
}

/** The index that a call of a request came with. */
export function indexOf(part: ToolCallPart): Json | undefined {
  return leftovers.shapeOf(part)['index']
}

function printedArguments(part: ToolCallPart): Json | undefined {
  const shape = leftovers.shapeOf(part)['arguments']
  if (shape === 'text') return part.arguments.text
  if (shape === 'absent') return undefined
  return argumentsObject(part).value
}
