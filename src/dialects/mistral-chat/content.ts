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
}

/** `{content}`, or `{}` where the source had no such key and there is still nothing to say. */
export function encodeContent(parts: readonly Part[], { spelled }: ContentSpelling): JsonObject {
  if (parts.length === 0) {
    if (spelled === 'absent') return {}
    if (spelled === 'null') return { content: null }
    return { content: spelled === 'list' ? [] : '' }
  }
  const chunks = parts.map((part) => encodeChunk(part))
  const [only] = parts
  const bare = parts.length === 1 && spelled !== 'list' && isBare(chunks[0])
  return { content: bare && only !== undefined && 'text' in only ? only.text : chunks }
}

/** Nothing but type and text: a string says it all. */
function isBare(chunk: Json | undefined): boolean {
  return typeof chunk === 'object' && chunk !== null && Object.keys(chunk).length === 2
}
