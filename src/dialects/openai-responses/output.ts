// The parts of an answer as its items: adjacent texts are one message unless they came as several.
import type { Note } from '../../canonical/note.ts'
import type { OpaquePart, Part, TokenLogprob } from '../../canonical/part.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import { encodeCall } from './call.ts'
import { encodeAnnotations } from './content-part.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { encodeLogprobs } from './logprobs.ts'
import { encodeReasoning } from './reasoning-item.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** Parts that are printed as one item. */
export interface ItemGroup {
  readonly kind: 'message' | 'single'
  readonly parts: readonly Part[]
}

/** Whether a part stands in the same message as the one before it. */
export function joins(part: Part, before: Part | undefined): boolean {
  return (
    before !== undefined &&
    isSpoken(part) &&
    isSpoken(before) &&
    leftovers.shapeOf(part)['message'] === leftovers.shapeOf(before)['message']
  )
}

/** Whether a part is content of a message rather than an item of its own. */
export function isSpoken(part: Part): boolean {
  if (part.type === 'text' || part.type === 'refusal') return true
  return part.type === 'opaque' && leftovers.shapeOf(part)['message'] !== undefined
}

export function groupsOf(parts: readonly Part[]): readonly ItemGroup[] {
  const groups: { kind: ItemGroup['kind']; parts: Part[] }[] = []
  for (const part of parts) {
    const last = groups.at(-1)
    if (last !== undefined && joins(part, last.parts.at(-1))) last.parts.push(part)
    else groups.push({ kind: isSpoken(part) ? 'message' : 'single', parts: [part] })
  }
  return groups
}

/** Whether an answer has a place for it. */
export function isSayable(part: Part): boolean {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'tool-call':
      return true
    case 'opaque':
      return part.origin.dialect === OPENAI_RESPONSES
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
    case 'tool-result':
    case 'search-result':
      return false
  }
}

export function partNotes(part: Part, path: string): readonly Note[] {
  if (isSayable(part)) return []
  return [
    {
      action: 'dropped',
      feature: part.type === 'opaque' ? part.what : part.type,
      path,
      weight: part.type === 'opaque' ? 1 : 3,
      reason: 'an answer in the Responses protocol has no place for it',
    },
  ]
}

export interface ItemSpelling {
  readonly id: string
  /** For items that did not come on this wire, which say it themselves. */
  readonly status: 'in_progress' | 'completed' | 'incomplete'
  /** The dialect that the answer came from. */
  readonly maker: string
  /** How much of the answer's text comes before. */
  readonly offset: number
  /** The token probabilities of a text. */
  readonly logprobs: (part: Part) => readonly TokenLogprob[]
}

/** A whole item with an id. */
export function encodeOutputItem(group: ItemGroup, spelling: ItemSpelling): JsonObject {
  const [part] = group.parts
  if (part === undefined) return {}
  if (group.kind === 'message') return encodeMessage(group.parts, spelling)
  const { id, status, maker } = spelling
  switch (part.type) {
    case 'reasoning':
      return overlay({ id }, encodeReasoning(part, maker))
    case 'tool-call': {
      const item = { call_id: part.callId, ...encodeCall(part) }
      return overlay(maker === OPENAI_RESPONSES ? { id } : { id, status }, item)
    }
    case 'opaque':
      return overlay({ id }, nativeItem(part))
    default:
      return {}
  }
}

function nativeItem({ native, what }: OpaquePart): JsonObject {
  return ObjectReader.of(native, what).source
}

function encodeMessage(parts: readonly Part[], spelling: ItemSpelling): JsonObject {
  const { id, status } = spelling
  let { offset } = spelling
  const content = parts.flatMap((part) => {
    const printedPart = encodeSpoken(part, offset, spelling.logprobs(part))
    if (part.type === 'text') offset += part.text.length
    return leftovers.shapeOf(part)['empty'] === true && textLength(part) === 0 ? [] : [printedPart]
  })
  return overlay(messageHead(parts, { id, status }), { content })
}

function textLength(part: Part): number {
  return part.type === 'text' ? part.text.length : 0
}

/** A message without its content; of several copies of its fields the last counts. */
function messageHead(
  parts: readonly Part[],
  { id, status }: Pick<ItemSpelling, 'id' | 'status'>,
): JsonObject {
  const { item } = leftovers.shapeOf(parts.at(-1) ?? {})
  const head = { id, type: 'message', role: 'assistant' }
  return isObject(item) ? overlay(head, item) : { ...head, status }
}

/** A content part of an answer. */
export function encodeSpoken(part: Part, offset: number, logprobs: readonly TokenLogprob[]): Json {
  switch (part.type) {
    case 'text': {
      const shape = leftovers.shapeOf(part)
      const silent = shape['message'] !== undefined && shape['logprobs'] === undefined
      return leftovers.printed(part, {
        type: shape['kind'] ?? 'output_text',
        text: part.text,
        ...encodeAnnotations(part, offset),
        ...(silent ? {} : { logprobs: encodeLogprobs(logprobs) }),
      })
    }
    case 'refusal':
      return leftovers.printed(part, { type: 'refusal', refusal: part.text })
    case 'opaque':
      return part.native
    default:
      return {}
  }
}

const PREFIXES: Readonly<Record<string, string>> = {
  text: 'msg',
  refusal: 'msg',
  reasoning: 'rs',
  function: 'fc',
  custom: 'ctc',
}

/** The same for the same answer, so that every event of a stream has it: `msg_req_1_0`. */
export function mintedItemId(part: Part, requestId: string, index: number): string {
  const kind = part.type === 'tool-call' ? part.kind : part.type
  return `${PREFIXES[kind] ?? 'item'}_${requestId}_${index}`
}
