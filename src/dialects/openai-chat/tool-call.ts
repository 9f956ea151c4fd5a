// A call in an assistant message: function, custom tool, or the deprecated single function_call.
import { compact } from '../../canonical/compact.ts'
import type { OpaquePart, ToolArguments, ToolCallPart } from '../../canonical/part.ts'
import {
  type Item,
  type JsonObject,
  ObjectReader,
  isObject,
  tryParseJson,
} from '../../wire/json.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { leftovers } from './extension.ts'
import { OPENAI_CHAT } from './wire-types.ts'

/** `seed` names the place of the call, for an id where it has none. */
export function decodeToolCall(item: Item, seed: string): ToolCallPart | OpaquePart {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.optionalString('type')
  const kind = type ?? (isObject(reader.peek('custom')) ? 'custom' : 'function')
  if (kind !== 'function' && kind !== 'custom') {
    return { type: 'opaque', origin: { dialect: OPENAI_CHAT }, what: kind, native: item.value }
  }
  const callee = reader.object(kind)
  const name = callee.string('name')
  const said = decodeArguments(callee, kind)
  const id = identified(reader, seed)
  return {
    type: 'tool-call',
    ...id.call,
    kind,
    name,
    arguments: said.arguments,
    ...leftovers.kept(reader, {
      nested: { [kind]: callee },
      shape: {
        type: type === undefined ? 'absent' : undefined,
        arguments: said.spelled,
        id: id.spelled,
      },
    }),
  }
}

export function decodeFunctionCall(reader: ObjectReader, seed: string): ToolCallPart {
  const name = reader.string('name')
  const said = decodeArguments(reader, 'function')
  return {
    type: 'tool-call',
    callId: mintToolId(seed),
    callIdMinted: true,
    kind: 'function',
    name,
    arguments: said.arguments,
    ...leftovers.kept(reader, { shape: { slot: 'function_call', arguments: said.spelled } }),
  }
}

type Spelled = 'absent' | 'empty' | 'null' | 'object'

function identified(
  reader: ObjectReader,
  seed: string,
): {
  readonly call: Pick<ToolCallPart, 'callId' | 'callIdMinted'>
  readonly spelled?: Spelled
} {
  const id = reader.value('id')
  if (typeof id === 'string' && id !== '') return { call: { callId: id } }
  const spelled = id === '' ? 'empty' : absence(id)
  return { call: { callId: mintToolId(seed), callIdMinted: true }, spelled }
}

function absence(value: unknown): 'absent' | 'null' {
  return value === null ? 'null' : 'absent'
}

function decodeArguments(
  callee: ObjectReader,
  kind: 'function' | 'custom',
): { readonly arguments: ToolArguments; readonly spelled?: Spelled } {
  const key = kind === 'function' ? 'arguments' : 'input'
  const value = callee.peek(key)
  if (isObject(value)) {
    callee.value(key)
    return { arguments: { text: JSON.stringify(value), json: value }, spelled: 'object' }
  }
  const text = callee.optionalString(key)
  if (text === undefined) callee.value(key)
  const found = argumentsOf(text ?? '', kind)
  return text === undefined ? { arguments: found, spelled: absence(value) } : { arguments: found }
}

/** Verbatim text, with its JSON beside it where it is an object; no text stands for no arguments. */
function argumentsOf(text: string, kind: 'function' | 'custom'): ToolArguments {
  if (kind === 'custom') return { text }
  const json = text.trim() === '' ? {} : tryParseJson(text)
  return isObject(json) ? { text, json } : { text }
}

/** A call as every client can take it: with an id, and with argument text that says `{}` where there was nothing. */
export function settledCall(part: ToolCallPart): ToolCallPart {
  const { extensions: _, ...call } = part
  const { id: _id, arguments: _arguments, ...shape } = leftovers.shapeOf(part)
  const empty = part.kind === 'function' && part.arguments.text.trim() === ''
  return {
    ...call,
    arguments: empty ? { text: '{}', json: {} } : part.arguments,
    ...leftovers.keptFields(part.extensions?.[OPENAI_CHAT]?.fields, shape),
  }
}

export function encodeToolCall(part: ToolCallPart): JsonObject {
  const shape = leftovers.shapeOf(part)
  return leftovers.printed(part, {
    ...spelledId('id', part.callId, shape),
    ...(shape['type'] === 'absent' ? {} : { type: part.kind }),
    [part.kind]: encodeCallee(part),
  })
}

export function encodeFunctionCall(part: ToolCallPart): JsonObject {
  return leftovers.printed(part, { name: part.name, ...encodeCallee(part) })
}

/** A request says again what it said: a call without an id, and its result, have none either. */
export function spelledId(key: 'id' | 'tool_call_id', id: string, shape: JsonObject): JsonObject {
  switch (shape['id']) {
    case 'absent':
      return {}
    case 'empty':
      return { [key]: '' }
    case 'null':
      return { [key]: null }
    default:
      return { [key]: id }
  }
}

function encodeCallee(part: ToolCallPart): JsonObject {
  const { text, json } = part.arguments
  if (part.kind === 'custom') return { name: part.name, input: text }
  const spelled = leftovers.shapeOf(part)['arguments']
  if (spelled === 'object' && json !== undefined) return { name: part.name, arguments: json }
  if (text === '' && spelled === 'absent') return { name: part.name }
  if (text === '' && spelled === 'null') return { name: part.name, arguments: null }
  return compact({ name: part.name, arguments: text })
}
