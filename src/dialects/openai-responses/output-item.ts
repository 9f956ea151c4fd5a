// One item of an answer as the parts it stands for: a message may give several, any other item gives one.
import { compact } from '../../canonical/compact.ts'
import type { Part, TextPart, TokenLogprob } from '../../canonical/part.ts'
import { type Item, type JsonObject, ObjectReader, isArray } from '../../wire/json.ts'
import { decodeCall, isCallType } from './call.ts'
import { decodePart } from './content-part.ts'
import { leftovers } from './extension.ts'
import { opaqueItem } from './hosted-work.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodeReasoning } from './reasoning-item.ts'

export interface ItemPlace {
  /** The item's number in the answer. */
  readonly index: number
  /** How much of the answer's text comes before it. */
  readonly offset: number
  /** The answer's id: with the number it seeds ids of calls without one. */
  readonly seed: string
}

export interface DecodedItem {
  readonly parts: readonly Part[]
  readonly logprobs: readonly TokenLogprob[]
}

export function decodeOutputItem(item: JsonObject, place: ItemPlace): DecodedItem {
  const reader = new ObjectReader(item, `output[${place.index}]`)
  const type = reader.string('type')
  if (type === 'message') return decodeMessage(reader, place)
  if (type === 'reasoning') return { parts: [decodeReasoning(reader)], logprobs: [] }
  if (isCallType(type)) {
    return { parts: [decodeCall(reader, type, `${place.seed}:${place.index}`)], logprobs: [] }
  }
  return { parts: [opaqueItem(type, item)], logprobs: [] }
}

function decodeMessage(reader: ObjectReader, place: ItemPlace): DecodedItem {
  const logprobs: TokenLogprob[] = []
  let { offset } = place
  reader.value('type')
  const content = isArray(reader.peek('content')) ? reader.items('content') : []
  reader.value('content')
  if (reader.peek('role') === 'assistant') reader.value('role')
  const message = { message: place.index, item: reader.rest() ?? {} }
  const parts = content.map((one) => {
    const decoded = decodeContentPart(one, offset)
    if (decoded.part.type === 'text') offset += decoded.part.text.length
    logprobs.push(...decoded.logprobs)
    return inMessage(decoded.part, message)
  })
  if (parts.length > 0) return { parts, logprobs }
  return { parts: [emptyMessage(message)], logprobs }
}

/** A content part whose logprobs go to the answer's list, their number to its shape. */
export function decodeContentPart(
  item: Item,
  offset: number,
): { readonly part: Part; readonly logprobs: readonly TokenLogprob[] } {
  const reader = ObjectReader.of(item.value, item.path)
  const logprobs = decodeLogprobs(reader.peek('logprobs'))
  const { logprobs: _, ...rest } = reader.source
  const value = logprobs === undefined ? reader.source : rest
  const part = decodePart({ value, path: item.path }, offset)
  if (part.type !== 'text' || logprobs === undefined) return { part, logprobs: [] }
  return { part: withShape(part, { logprobs: logprobs.length }), logprobs }
}

/** What the parts of one message share: its number in the answer, and its fields beside role and content. */
export interface MessageMark {
  readonly message: number
  readonly item: JsonObject
}

export function inMessage(part: Part, { message, item }: MessageMark): Part {
  return withShape(part, { message, item })
}

/** A message that says nothing still is one. */
function emptyMessage(mark: MessageMark): TextPart {
  return withShape({ type: 'text', text: '' }, { ...mark, empty: true })
}

function withShape<P extends Part>(part: P, shape: JsonObject): P {
  const fields = leftovers.fieldsOf(part)
  const left = Object.keys(fields).length === 0 ? undefined : fields
  return {
    ...part,
    ...leftovers.keptFields(left, { ...leftovers.shapeOf(part), ...compact(shape) }),
  }
}
