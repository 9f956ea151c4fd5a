// Parts to content blocks. Lowering has made a request's parts printable; an answer's parts may not be.
import type { MediaPart, Part, ReasoningPart, ToolResultPart } from '../../canonical/part.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { printCacheControl } from './cache-control.ts'
import { encodeCitations } from './citations.ts'
import { leftovers } from './extension.ts'
import { printSource } from './media.ts'
import { isOwnSeal } from './seals.ts'
import { argumentsObject } from '../lowering/object-arguments.ts'
import { DIALECT } from './wire-types.ts'

/** Undefined where this wire has no block for the part. */
export function encodeBlock(part: Part): Json | undefined {
  switch (part.type) {
    case 'text':
      return block(part, {
        type: 'text',
        text: part.text,
        citations: encodeCitations(part.citations),
      })
    case 'refusal':
      return block(part, { type: 'text', text: part.text })
    case 'image':
    case 'file':
      return encodeMedia(part)
    case 'audio':
    case 'video':
      return undefined
    case 'search-result':
      return block(part, {
        type: 'search_result',
        source: part.source,
        title: part.title,
        content: encodeBlocks(part.content),
      })
    case 'reasoning':
      return encodeReasoning(part, isOwnSeal(part.seal) ? part.seal.payload : undefined)
    case 'tool-call':
      return block(part, {
        type: 'tool_use',
        id: part.callId,
        name: part.name,
        input: argumentsObject(part).value,
      })
    case 'tool-result':
      return encodeToolResult(part)
    case 'opaque':
      return part.origin.dialect === DIALECT ? part.native : undefined
  }
}

function encodeBlocks(parts: readonly Part[]): readonly Json[] {
  return parts.flatMap((part) => encodeBlock(part) ?? [])
}

/** `signature` is the text for the slot of the seal. */
export function encodeReasoning(part: ReasoningPart, signature: string | undefined): JsonObject {
  if (isRedacted(part)) return block(part, { type: 'redacted_thinking', data: signature })
  return block(part, { type: 'thinking', thinking: part.text, signature })
}

function encodeMedia(part: MediaPart): JsonObject | undefined {
  const source = sourceOf(part)
  if (source === undefined) return undefined
  if (part.type === 'image') return block(part, { type: 'image', source })
  const title = part.title ?? part.filename
  return block(part, { type: 'document', source, title, context: part.context })
}

function sourceOf({ source, ...part }: MediaPart): JsonObject | undefined {
  if (source.kind !== 'parts') return printSource(source)
  return {
    type: 'content',
    content: encodeContent(source.parts, leftovers.shapeOf(part)['content']),
  }
}

function encodeToolResult(part: ToolResultPart): JsonObject {
  return block(part, {
    type: 'tool_result',
    tool_use_id: part.callId,
    content: encodeContent(part.content, leftovers.shapeOf(part)['content']),
    is_error: part.isError,
  })
}

/** `spelling` is how the client wrote it, which holds as long as the content still can be written so. */
export function encodeContent(
  parts: readonly Part[],
  spelling: Json | undefined,
): Json | undefined {
  const [first, ...others] = parts
  if (spelling === 'none' && first === undefined) return undefined
  if (spelling === 'string' && first?.type === 'text' && others.length === 0) {
    if (first.cache === undefined && first.citations === undefined) return first.text
  }
  return encodeBlocks(parts)
}

function block(part: Part, canonical: JsonObject): JsonObject {
  return leftovers.printed(part, { ...canonical, cache_control: printCacheControl(part.cache) })
}

/** Thinking without text may have been signed all the same; which it was only its seal knows once it has been elsewhere. */
function isRedacted({ redacted, seal }: ReasoningPart): boolean {
  return redacted === true && !(isOwnSeal(seal) && seal.format === 'anthropic.signature')
}
