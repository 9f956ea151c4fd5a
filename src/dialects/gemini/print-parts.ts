// Parts printed into a content, each as an object of its own: a signed part is never merged with another.
import { compact } from '../../canonical/compact.ts'
import type { Part, ToolCallPart } from '../../canonical/part.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { argumentsObject } from '../lowering/object-arguments.ts'
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
