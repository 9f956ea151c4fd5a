// `groundingMetadata` and `citationMetadata`: where the statements of an answer come from.
import { compact } from '../../canonical/compact.ts'
import type { HostedWork } from '../../canonical/hosted-work.ts'
import type { Citation, Part } from '../../canonical/part.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import { bytesBefore, indexAtByte } from './byte-offsets.ts'

/** The citations of a candidate, in units of its whole visible text. The candidate keeps the vendor's objects beside them. */
export function decodeCitations(candidate: JsonObject, text: string): readonly Citation[] {
  return [
    ...groundings(candidate['groundingMetadata'], text),
    ...recitations(candidate['citationMetadata'], text),
  ]
}

function groundings(metadata: Json | undefined, text: string): readonly Citation[] {
  if (!isObject(metadata)) return []
  const chunks = objectsIn(metadata['groundingChunks']).map((chunk) => sourceOf(chunk))
  return objectsIn(metadata['groundingSupports']).flatMap((support) => {
    const place = placeOf(support['segment'], text)
    const indices = support['groundingChunkIndices']
    if (!isArray(indices)) return []
    return indices.flatMap((index) => {
      const source = typeof index === 'number' ? chunks[index] : undefined
      return source === undefined ? [] : [{ ...source, ...place }]
    })
  })
}

type Source = Pick<Citation, 'kind' | 'url' | 'title'>

/** A chunk is a page of the web, a place of the map, or a passage that was retrieved. */
function sourceOf(chunk: JsonObject): Source {
  const [kind, found] = Object.entries(chunk).find(([, value]) => isObject(value)) ?? []
  const { uri, title } = isObject(found) ? found : {}
  const url = typeof uri === 'string' ? uri : undefined
  const web = kind === 'web' || (kind !== 'retrievedContext' && url !== undefined)
  return {
    kind: web ? 'url' : 'document',
    ...compact({ url, title: typeof title === 'string' ? title : undefined }),
  }
}

/** Segments count within one part of an answer that may have several: the segment's own text says which is meant. */
function placeOf(
  segment: Json | undefined,
  text: string,
): Pick<Citation, 'start' | 'end' | 'quote'> {
  if (!isObject(segment)) return {}
  const { text: quote } = segment
  const start = indexAtByte(text, numberIn(segment, 'startIndex'))
  const end = indexAtByte(text, numberIn(segment, 'endIndex'))
  if (typeof quote !== 'string') return { start, end }
  if (text.slice(start, end) === quote) return { start, end }
  const found = text.indexOf(quote)
  return found === -1 ? {} : { start: found, end: found + quote.length }
}

function recitations(metadata: Json | undefined, text: string): readonly Citation[] {
  if (!isObject(metadata)) return []
  const sources = metadata['citationSources'] ?? metadata['citations']
  return objectsIn(sources).map((source) => {
    const { uri, title } = source
    return {
      kind: 'url',
      start: indexAtByte(text, numberIn(source, 'startIndex')),
      end: indexAtByte(text, numberIn(source, 'endIndex')),
      ...compact({
        url: typeof uri === 'string' ? uri : undefined,
        title: typeof title === 'string' ? title : undefined,
      }),
    }
  })
}

function numberIn(object: JsonObject, key: string): number {
  const value = object[key]
  return typeof value === 'number' ? value : 0
}

function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter((item) => isObject(item)) : []
}

/** Puts each citation on the text part in which it starts. */
export function withCitations(
  parts: readonly Part[],
  citations: readonly Citation[],
): readonly Part[] {
  if (citations.length === 0) return parts
  const last = parts.findLastIndex((part) => part.type === 'text')
  let start = 0
  return parts.map((part, at) => {
    if (part.type !== 'text') return part
    const end = at === last ? Infinity : start + part.text.length
    const here = citations.filter(({ start: from = 0 }) => from >= start && from < end)
    start = end
    return here.length === 0 ? part : { ...part, citations: here }
  })
}

/** What foreign citations and searches are on this wire: one chunk an address, one support a citation. Undefined where there are none. */
export function encodeGrounding(parts: readonly Part[]): JsonObject | undefined {
  const chunks: JsonObject[] = []
  const supports: JsonObject[] = []
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  let offset = 0
  for (const part of parts) {
    if (part.type !== 'text') continue
    const bounds = { start: offset, end: offset + part.text.length }
    offset = bounds.end
    for (const citation of part.citations ?? []) {
      if (citation.url === undefined) continue
      supports.push(support({ ...bounds, ...citation }, text, chunkIndex(chunks, citation)))
    }
  }
  const searches = parts.flatMap((part) => workBeside(part, 'web-search'))
  for (const source of searches.flatMap(({ sources = [] }) => sources)) chunkIndex(chunks, source)
  return filled({
    webSearchQueries: searches.flatMap(({ queries = [] }) => queries),
    groundingChunks: chunks,
    groundingSupports: supports,
  })
}

/** The pages that were opened. */
export function encodePages(parts: readonly Part[]): JsonObject | undefined {
  const urlMetadata = parts
    .flatMap((part) => workBeside(part, 'web-fetch'))
    .map(({ url, sources, failed }) => ({
      retrievedUrl: url ?? sources?.at(0)?.url ?? '',
      urlRetrievalStatus: `URL_RETRIEVAL_STATUS_${failed === undefined ? 'SUCCESS' : 'ERROR'}`,
    }))
  return filled({ urlMetadata })
}

function filled(lists: Readonly<Record<string, readonly Json[]>>): JsonObject | undefined {
  const entries = Object.entries(lists).filter(([, list]) => list.length > 0)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** Searches and pages of other vendors' tools, which this wire tells of beside the answer. */
function workBeside(part: Part, tool: 'web-search' | 'web-fetch'): readonly HostedWork[] {
  return part.type === 'opaque' && part.hosted?.tool === tool ? [part.hosted] : []
}

export function isBeside(part: Part): boolean {
  return [workBeside(part, 'web-search'), workBeside(part, 'web-fetch')].flat().length > 0
}

function chunkIndex(chunks: JsonObject[], { url, title }: Pick<Citation, 'url' | 'title'>): number {
  const known = chunks.findIndex(({ web }) => isObject(web) && web['uri'] === url)
  if (known !== -1) return known
  return chunks.push({ web: compact({ uri: url, title }) }) - 1
}

function support({ start = 0, end = 0 }: Citation, text: string, chunk: number): JsonObject {
  return {
    segment: {
      startIndex: bytesBefore(text, start),
      endIndex: bytesBefore(text, end),
      text: text.slice(start, end),
    },
    groundingChunkIndices: [chunk],
  }
}
