// Annotations of a text: addresses and files the model cited. On this wire their place counts from the start of its own text.
import { compact } from '../../canonical/compact.ts'
import type { Citation } from '../../canonical/part.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

/** `offset`: how much of the answer's text comes before this one. A kind that is unknown keeps all its fields. */
export function decodeAnnotation(entry: JsonObject, offset: number): Citation {
  const reader = new ObjectReader(entry, '')
  const { type } = entry
  const file = type === 'file_citation' || type === 'container_file_citation'
  const url = type === 'url_citation'
  if (file || url) reader.value('type')
  return {
    kind: url ? 'url' : file ? 'document' : 'other',
    ...compact({
      url: url ? take(reader, 'url', 'string') : undefined,
      title: take(reader, file ? 'filename' : 'title', 'string'),
      start: moved(take(reader, 'start_index', 'number'), offset),
      end: moved(take(reader, 'end_index', 'number'), offset),
    }),
    ...leftovers.keptFields(reader.rest(), { type: file || url ? type : undefined }),
  }
}

function take(reader: ObjectReader, key: string, type: 'string'): string | undefined
function take(reader: ObjectReader, key: string, type: 'number'): number | undefined
function take(reader: ObjectReader, key: string, type: 'string' | 'number'): Json | undefined {
  return typeof reader.peek(key) === type ? reader.value(key) : undefined
}

function moved(place: number | undefined, by: number): number | undefined {
  return place === undefined ? undefined : place + by
}

interface TextPlace {
  readonly offset: number
  readonly length: number
}

/** Undefined for a foreign citation without an address, which this wire cannot say. One that names no place covers its whole text. */
export function encodeAnnotation(citation: Citation, place: TextPlace): JsonObject | undefined {
  const { kind, url, title, start, end } = citation
  const at = { start_index: moved(start, -place.offset), end_index: moved(end, -place.offset) }
  if (leftovers.isOwn(citation)) {
    const { type } = leftovers.shapeOf(citation)
    const named = kind === 'document' ? { filename: title } : { title }
    return leftovers.printed(citation, compact({ type, url, ...named, ...at }))
  }
  if (url === undefined) return undefined
  return {
    type: 'url_citation',
    url,
    title: title ?? '',
    start_index: at.start_index ?? 0,
    end_index: at.end_index ?? place.length,
  }
}
