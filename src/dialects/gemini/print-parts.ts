// Parts printed into a content, each as an object of its own: a signed part is never merged with another.
import { compact } from '../../canonical/compact.ts'
import type { Part, ToolCallPart } from '../../canonical/part.ts'
import { type Json, type JsonObject, isObject, tryParseJson } from '../../wire/json.ts'
import { leftovers, printed } from './extension.ts'
import { encodeMedia } from './media.ts'
import { printSeal } from './seals.ts'
import { encodeResult } from './tool-results.ts'
import { GEMINI } from './wire-types.ts'

/** Undefined where this wire has no part of the kind. */
export function encodePart(part: Part): Json | undefined {
  if (part.type === 'opaque') {
    // What only stood beside the parts is no part.
    return part.origin.dialect === GEMINI && part.native !== null ? part.native : undefined
  }
  const own = wordsOf(part)
  if (own === undefined) return undefined
  return printed(part, { ...own, thoughtSignature: printSeal(part.seal) })
}

function wordsOf(part: Exclude<Part, { readonly type: 'opaque' }>): JsonObject | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { text: part.text, thought: leftovers.shapeOf(part)['thought'] }
    case 'reasoning':
      return { text: part.text, thought: true }
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return encodeMedia(part)
    case 'tool-call':
      return { functionCall: encodeCall(part) }
    case 'tool-result':
      return {
        functionResponse: {
          id: leftovers.shapeOf(part)['id'] === 'absent' ? undefined : part.callId,
          name: part.name ?? '',
          ...encodeResult(part),
        },
      }
    case 'search-result':
      return {
        text: [part.title, part.source, ...part.content.map((one) => textIn(one))].join('\n'),
      }
  }
}

function textIn(part: Part): string {
  return part.type === 'text' ? part.text : ''
}

function encodeCall(part: ToolCallPart): JsonObject {
  const { id, args } = leftovers.shapeOf(part)
  const { value } = argumentsObject(part)
  const silent = args === 'absent' && Object.keys(value).length === 0
  return compact({
    id: id === 'absent' ? undefined : part.callId,
    name: part.name,
    args: silent ? undefined : value,
  })
}

interface CallArguments {
  readonly value: JsonObject
  /** False when the arguments are no JSON object and had to be wrapped. */
  readonly exact: boolean
}

/** No text is no arguments; what is not an object travels whole under `value`, a custom tool's text under `input`. */
export function argumentsObject({ kind, arguments: { text, json } }: ToolCallPart): CallArguments {
  if (kind === 'custom') return { value: { input: text }, exact: true }
  const value = json ?? (text.trim() === '' ? {} : tryParseJson(text))
  if (isObject(value)) return { value, exact: true }
  return { value: { value: value ?? text }, exact: false }
}
