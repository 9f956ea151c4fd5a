// A message's content, in its four spellings: a string, an array of parts, null, or no key at all.
import type { Part, TextPart } from '../../canonical/part.ts'
import { type Json, type JsonObject, type ObjectReader, isArray } from '../../wire/json.ts'
import { decodePart, encodePart } from './content-part.ts'
import type { Flags } from './flags.ts'

export interface Content {
  readonly parts: readonly Part[]
  /** Only where the parts alone would not be printed so. */
  readonly spelled?: 'array' | 'empty' | 'null' | 'absent'
}

/** An empty string is no part: to other dialects there is nothing to say. */
export function decodeContent(reader: ObjectReader): Content {
  const value = reader.peek('content')
  if (isArray(value)) {
    return { parts: reader.items('content').map((item) => decodePart(item)), spelled: 'array' }
  }
  const text = reader.optionalString('content')
  if (text !== undefined && text !== '') return { parts: [{ type: 'text', text }] }
  reader.value('content')
  if (text === '') return { parts: [], spelled: 'empty' }
  return { parts: [], spelled: value === null ? 'null' : 'absent' }
}

interface ContentSpelling {
  readonly flags: Flags
  readonly spelled?: Json | undefined
  /** What stands for no content where the source does not say. */
  readonly empty: '' | null
  /** Where given, several texts are printed as one string with this between them. */
  readonly joint?: string | undefined
}

const PARAGRAPH = '\n\n'

/** `{content}`, or `{}` where the source had no such key and there is still nothing to say. */
export function encodeContent(parts: readonly Part[], spelling: ContentSpelling): JsonObject {
  const { flags, spelled, empty } = spelling
  const [only, ...others] = parts
  if (only?.type === 'text' && others.length === 0 && spelled !== 'array' && isPlain(only)) {
    return { content: only.text }
  }
  if (parts.length === 0) {
    if (!flags.nullContent) return { content: '' }
    if (spelled === 'absent') return {}
    if (spelled === 'null') return { content: null }
    if (spelled === 'array') return { content: flags.contentArrays ? [] : '' }
    return { content: spelled === 'empty' ? '' : empty }
  }
  const printed = parts.map((part) => encodePart(part, flags))
  const plain = parts.every((part) => part.type === 'text')
  const joint = flags.contentArrays ? spelling.joint : PARAGRAPH
  if (plain && joint !== undefined && (spelled !== 'array' || !flags.contentArrays)) {
    return { content: parts.map((part) => (part.type === 'text' ? part.text : '')).join(joint) }
  }
  if (others.length === 0 && spelled !== 'array' && only?.type === 'text' && isBare(printed[0])) {
    return { content: only.text }
  }
  return { content: printed }
}

/** No more than its text, whatever the host's flags. */
function isPlain({ cache, extensions, citations }: TextPart): boolean {
  return cache === undefined && extensions === undefined && citations === undefined
}

/** Nothing but type and text: a string says it all. */
function isBare(part: Json | undefined): boolean {
  return typeof part === 'object' && part !== null && Object.keys(part).length === 2
}
