// Annotations of an answer's text: addresses the model cited.
import { compact } from '../../canonical/compact.ts'
import type { Citation } from '../../canonical/part.ts'
import { type Json, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import { isListed } from './listed-sources.ts'

/** Every entry that is an object; those of unknown kind keep all their fields. */
export function decodeAnnotations(value: Json | undefined): readonly Citation[] {
  if (!isArray(value)) return []
  return value.filter((entry) => isObject(entry)).map((entry) => decodeAnnotation(entry))
}

function decodeAnnotation(entry: JsonObject): Citation {
  const cited = entry['url_citation']
  if (entry['type'] !== 'url_citation' || !isObject(cited))
    return { kind: 'other', ...leftovers.owned(entry) }
  const reader = new ObjectReader(entry, '')
  reader.value('type')
  reader.value('url_citation')
  const inner = new ObjectReader(cited, '')
  return {
    kind: 'url',
    ...compact({
      url: take(inner, 'url', 'string'),
      title: take(inner, 'title', 'string'),
      start: take(inner, 'start_index', 'number'),
      end: take(inner, 'end_index', 'number'),
    }),
    ...leftovers.kept(reader, {
      nested: { url_citation: inner },
      shape: compact({
        place: typeof cited['start_index'] === 'number' ? undefined : 'absent',
        title: typeof cited['title'] === 'string' ? undefined : 'absent',
      }),
    }),
  }
}

function take(reader: ObjectReader, key: string, type: 'string'): string | undefined
function take(reader: ObjectReader, key: string, type: 'number'): number | undefined
function take(reader: ObjectReader, key: string, type: 'string' | 'number'): Json | undefined {
  return typeof reader.peek(key) === type ? reader.value(key) : undefined
}

/** A citation that names no place covers its whole part; one that came without on this wire goes without. */
export function located(citation: Citation, start: number, end: number): Citation {
  const placed = citation.start !== undefined || leftovers.shapeOf(citation)['place'] === 'absent'
  return placed ? citation : { ...citation, start, end }
}

/** Undefined for a citation without an address, which this wire cannot say, and for one of a list that says it already. */
export function encodeAnnotation(citation: Citation): JsonObject | undefined {
  const { url, title, start, end } = citation
  if (isListed(citation)) return undefined
  if (citation.kind === 'other' && url === undefined) {
    const whole = leftovers.printed(citation, {})
    return Object.keys(whole).length === 0 ? undefined : whole
  }
  if (url === undefined) return undefined
  // Clients take no citation without a title; one that came so on this wire goes so.
  const untitled = leftovers.shapeOf(citation)['title'] === 'absent' ? undefined : ''
  return leftovers.printed(citation, {
    type: 'url_citation',
    url_citation: compact({ start_index: start, end_index: end, url, title: title ?? untitled }),
  })
}
