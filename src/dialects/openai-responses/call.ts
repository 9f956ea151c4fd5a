// A call that the client runs: function_call and custom_tool_call, in requests and answers alike.
import type { ToolArguments, ToolCallPart } from '../../canonical/part.ts'
import { type JsonObject, type ObjectReader, isObject, tryParseJson } from '../../wire/json.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { bookkeepingOf, takeBookkeeping } from './bookkeeping.ts'
import { leftovers } from './extension.ts'
import { calleeOf, qualified } from './namespace.ts'

/** The items that hold a call, and the key of what is said to the tool. */
const INPUTS = { function_call: 'arguments', custom_tool_call: 'input' } as const
type CallType = keyof typeof INPUTS

export function isCallType(type: string): type is CallType {
  return Object.hasOwn(INPUTS, type)
}

/** `seed` names the place of the call, for an id where it has none. */
export function decodeCall(reader: ObjectReader, type: CallType, seed: string): ToolCallPart {
  reader.value('type')
  const kind = type === 'function_call' ? 'function' : 'custom'
  const name = reader.string('name')
  const namespace = reader.peek('namespace')
  if (typeof namespace === 'string') reader.value('namespace')
  const text = reader.optionalString(INPUTS[type])
  const callId = reader.peek('call_id') === '' ? undefined : reader.optionalString('call_id')
  const item = takeBookkeeping(reader)
  return {
    type: 'tool-call',
    ...(callId === undefined
      ? { callId: mintToolId(seed), callIdMinted: true as const }
      : { callId }),
    kind,
    name: qualified(namespace, name),
    arguments: argumentsOf(text ?? '', kind),
    ...leftovers.owned(reader.rest(), {
      ...item,
      callId: callId === undefined ? 'absent' : undefined,
      input: spellingOf(text),
      namespace: typeof namespace === 'string' ? namespace : undefined,
    }),
  }
}

/** How no arguments were said. */
function spellingOf(text: string | undefined): 'absent' | 'empty' | undefined {
  if (text === undefined) return 'absent'
  return text.trim() === '' ? 'empty' : undefined
}

/** Verbatim text, with its JSON beside it where it is an object; no text stands for no arguments. */
function argumentsOf(text: string, kind: ToolCallPart['kind']): ToolArguments {
  if (kind === 'custom') return { text }
  const json = text.trim() === '' ? {} : tryParseJson(text)
  return isObject(json) ? { text, json } : { text }
}

/** Without an item id where it has none. */
export function encodeCall(part: ToolCallPart): JsonObject {
  const type = callType(part)
  const shape = leftovers.shapeOf(part)
  const text = callInput(part)
  return leftovers.printed(part, {
    ...bookkeepingOf(part),
    type,
    ...(shape['callId'] === 'absent' ? {} : { call_id: part.callId }),
    ...calleeOf(part),
    ...(shape['input'] === 'absent' && text === '' ? {} : { [INPUTS[type]]: text }),
  })
}

function callType(part: ToolCallPart): CallType {
  return part.kind === 'function' ? 'function_call' : 'custom_tool_call'
}

/** Every client parses the arguments of a function, so that none are `{}`; our own upstream's word stays as it is. */
export function callInput(part: ToolCallPart): string {
  const { text } = part.arguments
  return part.kind === 'function' &&
    text.trim() === '' &&
    leftovers.shapeOf(part)['input'] === undefined
    ? '{}'
    : text
}
