// A call in an assistant message: ids that may be missing, arguments as text or as the object itself.
import { compact } from '../../canonical/compact.ts'
import type { ToolArguments, ToolCallPart } from '../../canonical/part.ts'
import {
  type Item,
  type Json,
  type JsonObject,
  ObjectReader,
  isObject,
  tryParseJson,
} from '../../wire/json.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'

/** Ids that name nothing. Mistral's own SDK fills in the word `null` where there is none. */
const NO_IDS: readonly (readonly [spelled: string, id: Json | undefined])[] = [
  ['absent', undefined],
  ['null', null],
  ['empty', ''],
  ['word', 'null'],
]

/** How an id that names nothing was spelled; undefined for a real one. */
export function missingId(id: Json | undefined): string | undefined {
  return NO_IDS.find(([, none]) => none === id)?.[0]
}

/** The key as it came where it named nothing, else with the id. */
export function spelledId(key: string, id: string, spelled: Json | undefined): JsonObject {
  const none = NO_IDS.find(([word]) => word === spelled)
  return compact({ [key]: none === undefined ? id : none[1] })
}

/** `seed` names the place of the call, for an id where it has none. */
export function decodeToolCall(item: Item, seed: string): ToolCallPart {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.optionalString('type')
  const index = reader.optionalNumber('index')
  const callee = reader.object('function')
  const said = decodeArguments(callee)
  const missing = missingId(reader.peek('id'))
  const callId = missing === undefined ? reader.string('id') : mintToolId(seed)
  reader.value('id')
  return {
    type: 'tool-call',
    callId,
    ...(missing === undefined ? {} : { callIdMinted: true as const }),
    kind: 'function',
    name: callee.string('name'),
    arguments: said.arguments,
    ...leftovers.keptFields(leftOf(reader, { function: callee }), {
      type: type ?? 'absent',
      index: index ?? 'absent',
      id: missing,
      arguments: said.spelled,
    }),
  }
}

type Spelled = 'absent' | 'null' | 'object'

function decodeArguments(callee: ObjectReader): {
  readonly arguments: ToolArguments
  readonly spelled?: Spelled
} {
  const value = callee.peek('arguments')
  if (isObject(value)) {
    callee.value('arguments')
    return { arguments: { text: JSON.stringify(value), json: value }, spelled: 'object' }
  }
  const text = callee.optionalString('arguments')
  callee.value('arguments')
  const found = argumentsOf(text ?? '')
  if (text !== undefined) return { arguments: found }
  return { arguments: found, spelled: value === null ? 'null' : 'absent' }
}

/** Verbatim text, with its JSON beside it where it is an object; no text stands for no arguments. */
function argumentsOf(text: string): ToolArguments {
  const json = text.trim() === '' ? {} : tryParseJson(text)
  return isObject(json) ? { text, json } : { text }
}

/** A call of an answer as every client can take it: with an id, and with argument text that says `{}` where there was nothing. */
export function settledCall(part: ToolCallPart): ToolCallPart {
  const { extensions: _, ...call } = part
  const { id: _id, arguments: spelled, ...shape } = leftovers.shapeOf(part)
  const empty = part.arguments.text.trim() === ''
  const fields = leftovers.fieldsOf(part)
  return {
    ...call,
    arguments: empty ? { text: '{}', json: {} } : part.arguments,
    ...leftovers.keptFields(Object.keys(fields).length === 0 ? undefined : fields, {
      ...shape,
      arguments: spelled === 'object' ? spelled : undefined,
    }),
  }
}

/** `at`: the call's number in an answer, for clients that count on it. */
export function encodeToolCall(part: ToolCallPart, at?: number): JsonObject {
  const { type = 'function', index = at, id, arguments: spelled } = leftovers.shapeOf(part)
  const { text, json } = part.arguments
  return leftovers.printed(part, {
    ...spelledId('id', part.callId, id),
    ...(type === 'absent' ? {} : { type }),
    function: compact({ name: part.name, arguments: spelledArguments(text, json, spelled) }),
    ...(index === 'absent' ? {} : compact({ index })),
  })
}

function spelledArguments(
  text: string,
  json: Json | undefined,
  spelled: Json | undefined,
): Json | undefined {
  if (spelled === 'object' && json !== undefined) return json
  if (text !== '') return text
  if (spelled === 'absent') return undefined
  return spelled === 'null' ? null : text
}
