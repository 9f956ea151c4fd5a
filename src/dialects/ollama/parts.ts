// What a message says, read into parts and printed again: images, thinking, text and tool calls, each under its own key.
import type { MediaPart, Part, ToolCallPart } from '../../canonical/part.ts'
import type { Json, ObjectReader } from '../../wire/json.ts'
import { readBase64 } from '../base64.ts'
import { sniffMediaType } from '../lowering/media-type.ts'
import { printToolCall, readToolCall } from './tool-calls.ts'
import type { WireParts } from './wire-types.ts'

/** Empty text is no part: the wire has `"content": ""` wherever there is nothing to say. */
export function readText(reader: ObjectReader, key: string): readonly Part[] {
  const text = reader.optionalString(key)
  return text === undefined || text === '' ? [] : [{ type: 'text', text }]
}

export function readThinking(reader: ObjectReader): readonly Part[] {
  const text = reader.optionalString('thinking')
  if (text === '') reader.leave('thinking')
  return text === undefined || text === '' ? [] : [{ type: 'reasoning', text }]
}

/** Bare base64, whose media type only its first bytes tell; models that hear take audio in the same list. */
export function readImages(reader: ObjectReader): readonly MediaPart[] {
  const images = reader.optionalItems('images') ?? []
  if (images.length === 0) reader.leave('images')
  return images.map((item) => {
    const data = readBase64(item)
    const mediaType = sniffMediaType(data)
    return {
      type: mediaType?.startsWith('audio/') === true ? 'audio' : 'image',
      source: { kind: 'base64', data, ...(mediaType === undefined ? {} : { mediaType }) },
    }
  })
}

/** Names the place of a message's nth call, so that one without an id gets the same id whenever it is read. */
export type CallSeed = (at: number) => string

export function readToolCalls(reader: ObjectReader, seed: CallSeed): readonly ToolCallPart[] {
  const items = reader.optionalItems('tool_calls') ?? []
  if (items.length === 0) reader.leave('tool_calls')
  return items.map((item, at) => readToolCall(item, seed(at)))
}

/** A part of an answer as this wire can say it: sound as its transcript. Undefined where there is no way. */
export function sayable(part: Part): Part | undefined {
  if (part.type !== 'audio') return part
  return part.transcript === undefined ? undefined : { type: 'text', text: part.transcript }
}

/** The text that stands in `content` or `response`; a refusal is worded text here. */
export function printText(parts: readonly Part[]): string {
  return parts
    .map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : ''))
    .join('')
}

/** All but the text. `indexOf` says what to number a call with. */
export function printParts(
  parts: readonly Part[],
  indexOf: (call: ToolCallPart, at: number) => Json | undefined,
): WireParts {
  const thinking = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  const images = parts.flatMap((part) => base64Of(part))
  const calls = parts.filter((part) => part.type === 'tool-call')
  return {
    ...(thinking === '' ? {} : { thinking }),
    ...(images.length === 0 ? {} : { images }),
    ...(calls.length === 0
      ? {}
      : { tool_calls: calls.map((call, at) => printToolCall(call, indexOf(call, at))) }),
  }
}

function base64Of(part: Part): readonly string[] {
  if (part.type !== 'image' && part.type !== 'audio') return []
  return part.source.kind === 'base64' ? [part.source.data] : []
}
