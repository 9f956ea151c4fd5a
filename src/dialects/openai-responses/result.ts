// What a tool answered: function_call_output and custom_tool_call_output.
import type { ToolResultPart } from '../../canonical/part.ts'
import { compact } from '../../canonical/compact.ts'
import { type Json, type JsonObject, type ObjectReader, isArray } from '../../wire/json.ts'
import { bookkeepingOf, takeBookkeeping } from './bookkeeping.ts'
import { decodePart, encodePart } from './content-part.ts'
import { leftovers } from './extension.ts'

const CUSTOM = 'custom_tool_call_output'
const FUNCTION = 'function_call_output'

export function isResultType(type: string): boolean {
  return type === CUSTOM || type === FUNCTION
}

export function decodeResult(reader: ObjectReader): ToolResultPart {
  const type = reader.string('type')
  const callId = reader.string('call_id')
  const name = reader.optionalString('name')
  const list = isArray(reader.peek('output'))
  const text = list ? undefined : reader.string('output')
  const content =
    text === undefined
      ? reader.items('output').map((item) => decodePart(item))
      : text === ''
        ? []
        : [{ type: 'text' as const, text }]
  const item = takeBookkeeping(reader)
  return {
    type: 'tool-result',
    callId,
    ...compact({ name }),
    content,
    ...leftovers.keptFields(reader.rest(), {
      ...item,
      type: type === CUSTOM ? type : undefined,
      output: list ? 'array' : 'string',
    }),
  }
}

/** `custom`: the call that it answers is one of a custom tool. */
export function encodeResult(
  part: ToolResultPart,
  { custom }: { readonly custom: boolean },
): JsonObject {
  const shape = leftovers.shapeOf(part)
  return leftovers.printed(part, {
    ...bookkeepingOf(part),
    type: shape['type'] ?? (custom ? CUSTOM : FUNCTION),
    call_id: part.callId,
    ...(shape['output'] === undefined ? {} : compact({ name: part.name })),
    output: encodeOutput(part, shape['output']),
  })
}

function encodeOutput({ content }: ToolResultPart, spelled: Json | undefined): Json {
  const [only, ...others] = content
  if (spelled !== 'array') {
    if (only === undefined) return ''
    if (others.length === 0 && only.type === 'text') return only.text
  }
  return content.map((part) => encodePart(part, 'user'))
}
