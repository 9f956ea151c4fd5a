// `functionResponse`: what a function gave back, always a JSON object on this wire.
import type { Part, ToolResultPart } from '../../canonical/part.ts'
import {
  type Item,
  type Json,
  type JsonObject,
  isArray,
  isObject,
  tryParseJson,
} from '../../wire/json.ts'
import { leftovers, printed } from './extension.ts'
import { Fields } from './fields.ts'
import { decodeFile, decodeInline, encodeMedia } from './media.ts'

/** A result's content and how it was written: bare text under `output`, or under `error`, or any other object. */
interface DecodedContent {
  readonly content: readonly Part[]
  readonly isError?: true
  readonly shape: JsonObject
}

/** `response` is the object under `functionResponse`. */
export function decodeResult(response: Fields): DecodedContent {
  const parts = response.peek('parts')
  const none = isArray(parts) && parts.length === 0
  const items = none ? [] : (response.optionalItems('parts') ?? [])
  const media = items.map((item) => decodeMediaPart(item))
  const value = response.peek('response')
  if (!isObject(value)) return { content: media, shape: { response: 'absent' } }
  response.value('response')
  const [[key, text] = ['', undefined], ...others] = Object.entries(value)
  const bare = others.length === 0 && typeof text === 'string' ? text : undefined
  if (bare !== undefined && (key === 'output' || key === 'error')) {
    const content: readonly Part[] = [{ type: 'text', text: bare }, ...media]
    return { content, shape: {}, ...(key === 'error' ? { isError: true } : {}) }
  }
  return {
    content: [{ type: 'text', text: JSON.stringify(value) }, ...media],
    shape: { response: 'object' },
  }
}

function decodeMediaPart(item: Item): Part {
  const fields = Fields.of(item.value, item.path)
  const inline = fields.optionalFields('inlineData')
  const file = inline === undefined ? fields.optionalFields('fileData') : undefined
  if (inline === undefined && file === undefined) {
    return { type: 'text', text: JSON.stringify(item.value) }
  }
  const { shape, ...media } =
    inline === undefined ? decodeFile(file ?? fields) : decodeInline(inline)
  return { ...media, ...fields.kept(shape) }
}

/** The keys of a result beside its name and id. */
export function encodeResult(part: ToolResultPart): JsonObject {
  const media = part.content
    .map((inner) => encodeResultPart(inner))
    .filter((inner) => inner !== undefined)
  return {
    response: encodeResponse(part),
    parts: media.length === 0 ? undefined : media,
  }
}

function encodeResponse(part: ToolResultPart): Json | undefined {
  const texts = part.content.flatMap((inner) => (inner.type === 'text' ? [inner.text] : []))
  const { response: came } = leftovers.shapeOf(part)
  if (came === 'absent' && texts.length === 0) return undefined
  const text = texts.join('\n')
  const object = came === 'object' ? tryParseJson(text) : undefined
  if (isObject(object)) return object
  return part.isError === true ? { error: text } : { output: text }
}

function encodeResultPart(part: Part): JsonObject | undefined {
  const known =
    part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'file'
  const media = known ? encodeMedia(part) : undefined
  return media === undefined ? undefined : printed(part, media)
}
