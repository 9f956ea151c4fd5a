// The inside of an assistant message, in requests and answers alike: content, refusal, thinking, audio, calls, annotations.
import { compact } from '../../canonical/compact.ts'
import type { MediaPart, MediaSource, Part, TextPart } from '../../canonical/part.ts'
import {
  type Json,
  type JsonObject,
  type ObjectReader,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { decodeAnnotations, encodeAnnotation, located } from './citations.ts'
import { type Content, decodeContent, encodeContent } from './content.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import type { Flags } from './flags.ts'
import { decodeReasoning, encodeReasoning } from './reasoning.ts'
import {
  decodeFunctionCall,
  decodeToolCall,
  encodeFunctionCall,
  encodeToolCall,
} from './tool-call.ts'
import { OPENAI_CHAT } from './wire-types.ts'

interface DecodedMessage {
  readonly parts: readonly Part[]
  readonly fields: JsonObject | undefined
  readonly shape: JsonObject
}

/** Call after `role` and `name` have been taken. `seed` names the message, for ids of calls without one. */
export function decodeAssistant(reader: ObjectReader, seed: string): DecodedMessage {
  const thinking = decodeReasoning(reader)
  const content = withAnnotations(decodeContent(reader), reader)
  const refusal = nonEmpty(reader, 'refusal')
  const audio = isObject(reader.peek('audio')) ? reader.object('audio') : undefined
  const call = isObject(reader.peek('function_call')) ? reader.object('function_call') : undefined
  const calls = nonEmptyItems(reader, 'tool_calls')?.map((item, at) =>
    decodeToolCall(item, `${seed}:${at}`),
  )
  const parts: readonly Part[] = [
    ...thinking,
    ...content.parts,
    ...(refusal === undefined ? [] : [{ type: 'refusal' as const, text: refusal }]),
    ...(audio === undefined ? [] : [decodeAudio(audio)]),
    ...(call === undefined ? [] : [decodeFunctionCall(call, `${seed}:0`)]),
    ...(calls ?? []),
  ]
  return {
    parts,
    fields: leftOf(reader, { audio }),
    shape: content.spelled === undefined ? {} : { content: content.spelled },
  }
}

function nonEmpty(reader: ObjectReader, key: string): string | undefined {
  const value = reader.peek(key)
  return value === '' ? undefined : reader.optionalString(key)
}

function nonEmptyItems(
  reader: ObjectReader,
  key: string,
): ReturnType<ObjectReader['optionalItems']> {
  const value = reader.peek(key)
  return isArray(value) && value.length === 0 ? undefined : reader.optionalItems(key)
}

/** Annotations are about the text as a whole; without text they stay where they are. */
function withAnnotations(content: Content, reader: ObjectReader): Content {
  const at = content.parts.findLastIndex((part) => part.type === 'text')
  const text = content.parts[at]
  const value = reader.peek('annotations')
  const citable = isArray(value) && value.length > 0 && value.every((entry) => isObject(entry))
  if (text?.type !== 'text' || !citable) return content
  const cited: TextPart = { ...text, citations: decodeAnnotations(reader.value('annotations')) }
  return { ...content, parts: content.parts.with(at, cited) }
}

/** In a request it is a reference by id, in an answer the sound itself. */
function decodeAudio(reader: ObjectReader): MediaPart {
  const id = reader.optionalString('id')
  const data = reader.optionalString('data')
  const source: MediaSource =
    data === undefined
      ? { kind: 'file', id: id ?? '', dialect: OPENAI_CHAT }
      : { kind: 'base64', data }
  return {
    type: 'audio',
    source,
    ...compact({
      id,
      transcript: reader.optionalString('transcript'),
      expiresAt: reader.optionalNumber('expires_at'),
    }),
  }
}

export function encodeAudio(part: MediaPart): JsonObject {
  const { source, id, transcript, expiresAt } = part
  return compact({
    id: id ?? (source.kind === 'file' ? source.id : undefined),
    data: source.kind === 'base64' ? source.data : undefined,
    transcript,
    expires_at: expiresAt,
  })
}

interface AssistantSpelling {
  readonly flags: Flags
  /** The node that holds the message's shape: a turn or a candidate. */
  readonly shape: JsonObject
  /** Calls in the deprecated form, one at most. */
  readonly legacyCalls: 'as-came' | 'always' | 'never'
  /** What stands between texts where they must be one. */
  readonly joint?: string | undefined
}

export function encodeAssistant(parts: readonly Part[], spelling: AssistantSpelling): JsonObject {
  const { shape, flags } = spelling
  const refusals = parts.filter((part) => part.type === 'refusal' && !inContent(part))
  const audio = parts.find((part) => part.type === 'audio' && isSpoken(part))
  const { legacy, modern } = sorted(parts, spelling.legacyCalls)
  const annotations = annotationsOf(parts, 0)
  const silent =
    legacy !== undefined || modern.length > 0 || audio !== undefined || refusals.length > 0
  return {
    ...encodeContent(
      parts.filter((part) => isContent(part)),
      { flags, spelled: shape['content'], empty: silent ? null : '', joint: spelling.joint },
    ),
    ...compact({
      refusal: refusals.length === 0 ? undefined : refusals.map((part) => textIn(part)).join(''),
      audio: audio?.type === 'audio' ? encodeAudio(audio) : undefined,
      function_call: legacy,
      tool_calls: modern.length === 0 ? undefined : modern,
      annotations: annotations.length === 0 ? undefined : annotations,
    }),
    ...encodeReasoning(parts, flags.reasoningField),
  }
}

/** `offset`: how much of the answer's text comes before these parts. */
export function annotationsOf(parts: readonly Part[], offset: number): readonly JsonObject[] {
  let start = offset
  return parts.flatMap((part) => {
    if (part.type !== 'text') return []
    const end = start + part.text.length
    const annotations = (part.citations ?? [])
      .map((citation) => encodeAnnotation(located(citation, start, end)))
      .filter((annotation) => annotation !== undefined)
    start = end
    return annotations
  })
}

function sorted(
  parts: readonly Part[],
  legacyCalls: AssistantSpelling['legacyCalls'],
): { readonly legacy: JsonObject | undefined; readonly modern: readonly Json[] } {
  let legacy: JsonObject | undefined
  const modern: Json[] = []
  for (const part of parts) {
    if (part.type === 'opaque' && isOpaqueCall(part.native)) modern.push(part.native)
    if (part.type !== 'tool-call') continue
    const came = leftovers.shapeOf(part)['slot'] === 'function_call'
    const old = legacyCalls === 'always' || (legacyCalls === 'as-came' && came)
    if (old && legacy === undefined) legacy = encodeFunctionCall(part)
    else modern.push(encodeToolCall(part))
  }
  return { legacy, modern }
}

/** A call of a kind this dialect does not know has an id; a content part of an unknown kind has none. */
function isOpaqueCall(native: Json): boolean {
  return isObject(native) && typeof native['id'] === 'string' && 'type' in native
}

function isContent(part: Part): boolean {
  switch (part.type) {
    case 'text':
    case 'image':
    case 'video':
    case 'file':
      return true
    case 'refusal':
      return inContent(part)
    case 'audio':
      return !isSpoken(part)
    case 'opaque':
      return part.what !== 'reasoning_details' && !isOpaqueCall(part.native)
    default:
      return false
  }
}

function inContent(part: Part): boolean {
  return leftovers.shapeOf(part)['slot'] === 'content'
}

/** Sound the model made, as against a clip among the content. */
function isSpoken(part: MediaPart): boolean {
  return leftovers.shapeOf(part)['format'] === undefined
}

function textIn(part: Part): string {
  return part.type === 'refusal' ? part.text : ''
}
