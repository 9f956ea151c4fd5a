// The input of a request and the turns it stands for: one item, one turn. Turns of other dialects become as many items as they need.
import type { Part } from '../../canonical/part.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Role, Turn } from '../../canonical/request.ts'
import { type Item, type JsonObject, ObjectReader, isArray } from '../../wire/json.ts'
import { bookkeepingOf, takeBookkeeping } from './bookkeeping.ts'
import { decodeCall, encodeCall, isCallType } from './call.ts'
import { decodePart, encodePart } from './content-part.ts'
import { leftovers } from './extension.ts'
import { opaqueItem, returnedWork } from './hosted-work.ts'
import { decodeReasoning, encodeReasoning } from './reasoning-item.ts'
import { decodeResult, encodeResult, isResultType } from './result.ts'

export function decodeInput(items: readonly Item[]): readonly Turn[] {
  return items.map((item, at) => decodeItem(item, `item:${at}`))
}

function decodeItem(item: Item, seed: string): Turn {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.optionalString('type') ?? typeOfBare(reader)
  if (type === 'message') return decodeMessage(reader)
  if (type === 'reasoning') return { role: 'assistant', parts: [decodeReasoning(reader)] }
  if (isCallType(type)) return { role: 'assistant', parts: [decodeCall(reader, type, seed)] }
  if (isResultType(type)) return { role: 'tool', parts: [decodeResult(reader)] }
  const parts = returnedWork(type, reader.source) ?? [opaqueItem(type, reader.source)]
  return { role: roleOfOpaque(type), parts }
}

/** A message may leave its type out, and so may a reference. */
function typeOfBare(reader: ObjectReader): string {
  if (reader.has('role')) return 'message'
  return reader.has('id') ? 'item_reference' : reader.string('type')
}

/** What the model did speaks for the assistant; what the client answers or sets, for the user. */
function roleOfOpaque(type: string): Role {
  return /(?:_call|_request|_tools|^compaction|^program)$/.test(type) ? 'assistant' : 'user'
}

const ROLES = ['user', 'assistant', 'system', 'developer'] as const

function decodeMessage(reader: ObjectReader): Turn {
  const spoken = reader.string('role')
  const role = ROLES.find((one) => one === spoken)
  if (role === undefined) {
    throw new GatewayError(
      'invalid_request',
      `${reader.path('role')} is "${spoken}": expected user, assistant, system or developer.`,
      { origin: 'client', param: reader.path('role'), code: 'invalid_value' },
    )
  }
  const typed = reader.optionalString('type') !== undefined
  const { parts, spelled } = decodeContent(reader)
  const item = takeBookkeeping(reader)
  return {
    role,
    parts,
    ...leftovers.keptFields(reader.rest(), {
      ...item,
      content: spelled,
      type: typed ? 'message' : undefined,
    }),
  }
}

function decodeContent(reader: ObjectReader): {
  readonly parts: readonly Part[]
  readonly spelled: 'string' | 'array' | 'null' | 'absent'
} {
  const value = reader.peek('content')
  if (isArray(value)) {
    return { parts: reader.items('content').map((item) => decodePart(item)), spelled: 'array' }
  }
  const text = reader.optionalString('content')
  if (text !== undefined) {
    return { parts: text === '' ? [] : [{ type: 'text', text }], spelled: 'string' }
  }
  reader.value('content')
  return { parts: [], spelled: value === null ? 'null' : 'absent' }
}

/** Every turn but the instructions that stand outside the input. */
export function encodeInput(turns: readonly Turn[]): readonly JsonObject[] {
  const customCalls = new Set(
    turns
      .flatMap((turn) => turn.parts)
      .flatMap((part) =>
        part.type === 'tool-call' && part.kind === 'custom' ? [part.callId] : [],
      ),
  )
  return turns.flatMap((turn) =>
    leftovers.isOwn(turn) && leftovers.shapeOf(turn)['content'] !== undefined
      ? [encodeOwnMessage(turn)]
      : encodeTurn(turn, customCalls),
  )
}

function encodeOwnMessage(turn: Turn): JsonObject {
  const { type, content: spelled } = leftovers.shapeOf(turn)
  return leftovers.printed(turn, {
    ...bookkeepingOf(turn),
    ...(type === undefined ? {} : { type }),
    role: turn.role,
    ...ownContent(turn, spelled),
  })
}

function ownContent({ parts, role }: Turn, spelled: unknown): JsonObject {
  const [only, ...others] = parts
  if (only === undefined) {
    if (spelled === 'absent') return {}
    return { content: spelled === 'null' ? null : spelled === 'string' ? '' : [] }
  }
  const bare =
    spelled === 'string' && others.length === 0 && only.type === 'text' && !leftovers.isOwn(only)
  return { content: bare ? only.text : parts.map((part) => encodePart(part, role)) }
}

/** Calls, results and thinking are items of their own; what stands between them is said in messages. */
function encodeTurn(turn: Turn, customCalls: ReadonlySet<string>): readonly JsonObject[] {
  const items: JsonObject[] = []
  let said: Part[] = []
  const speak = (): void => {
    if (said.length > 0) items.push(message(turn.role, said))
    said = []
  }
  for (const part of turn.parts) {
    const item = encodeItem(part, customCalls)
    if (item === undefined) said.push(part)
    else {
      speak()
      items.push(item)
    }
  }
  speak()
  return items
}

function message(role: Role, parts: readonly Part[]): JsonObject {
  const speaker = role === 'tool' ? 'user' : role
  return { role: speaker, content: parts.map((part) => encodePart(part, speaker)) }
}

function encodeItem(part: Part, customCalls: ReadonlySet<string>): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning':
      return encodeReasoning(part)
    case 'tool-call':
      return encodeCall(part)
    case 'tool-result':
      return encodeResult(part, { custom: customCalls.has(part.callId) })
    case 'opaque':
      return ObjectReader.of(part.native, part.what).source
    default:
      return undefined
  }
}
