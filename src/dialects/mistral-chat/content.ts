// A message's content, in its four spellings: a string, a list of chunks, null, or no key at all.
import type { Part } from '../../canonical/part.ts'
import { type Json, type JsonObject, type ObjectReader, isArray } from '../../wire/json.ts'
import { decodeChunk, encodeChunk } from './chunk.ts'

export interface Content {
  readonly parts: readonly Part[]
  /** Only where the parts alone would not be printed so. */
  readonly spelled?: 'list' | 'empty' | 'null' | 'absent'
}

/** An empty string is no part: to other dialects there is nothing to say. */
export function decodeContent(reader: ObjectReader): Content {
  const value = reader.peek('content')
  if (isArray(value)) {
    return { parts: reader.items('content').map((item) => decodeChunk(item)), spelled: 'list' }
  }
  const text = reader.optionalString('content')
  if (text !== undefined && text !== '') return { parts: [{ type: 'text', text }] }
  reader.value('content')
  if (text === '') return { parts: [], spelled: 'empty' }
  return { parts: [], spelled: value === null ? 'null' : 'absent' }
}

interface ContentSpelling {
  readonly spelled?: Json | undefined
  /** `one`: texts alone are printed as one string, as clients read answers. */
  readonly texts?: 'one' | undefined
}

/** `{content}`, or `{}` where the source had no such key and there is still nothing to say. */
export function encodeContent(
  parts: readonly Part[],
  { spelled, texts }: ContentSpelling,
): JsonObject {
  if (parts.length === 0) {
    if (spelled === 'absent') return {}
    if (spelled === 'null') return { content: null }
    return { content: spelled === 'list' ? [] : '' }
  }
  const chunks = parts.map((part) => encodeChunk(part))
  const plain = parts.every((part) => part.type === 'text' || part.type === 'refusal')
  if (spelled === 'list' || !plain) return { content: chunks }
  if (texts === 'one' || (parts.length === 1 && isBare(chunks[0]))) {
    return { content: parts.map((part) => ('text' in part ? part.text : '')).join('') }
  }
  return { content: chunks }
}

/** Nothing but type and text: a string says it all. */
function isBare(chunk: Json | undefined): boolean {
  return typeof chunk === 'object' && chunk !== null && Object.keys(chunk).length === 2
}
