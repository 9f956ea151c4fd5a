// Citations of a text block: where in a document, a search result or the web a statement comes from.
import { compact } from '../../canonical/compact.ts'
import type { Citation } from '../../canonical/part.ts'
import { type Item, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

const KINDS: ReadonlyMap<string, Citation['kind']> = new Map([
  ['char_location', 'document'],
  ['page_location', 'document'],
  ['content_block_location', 'document'],
  ['search_result_location', 'search-result'],
  ['web_search_result_location', 'url'],
])

/** A citation covers its whole block: there are no offsets into the answer. */
export function decodeCitation(item: Item): Citation {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.peek('type')
  const kind = (typeof type === 'string' ? KINDS.get(type) : undefined) ?? 'other'
  const title = kind === 'document' ? 'document_title' : 'title'
  return {
    kind,
    ...compact({
      url: reader.optionalString('url'),
      title: reader.optionalString(title),
      quote: reader.optionalString('cited_text'),
    }),
    ...leftovers.kept(reader),
  }
}

/** Undefined where there is none to tell; a list that came empty stays. */
export function encodeCitations(
  citations: readonly Citation[] | undefined,
): readonly JsonObject[] | undefined {
  const told = citations?.filter((citation) => isTellable(citation))
  if (told?.length === 0 && citations?.length !== 0) return undefined
  return told?.map((citation) => encodeCitation(citation))
}

/** Only of what is tellable. */
export function encodeCitation(citation: Citation): JsonObject {
  const { url, title, quote } = citation
  if (isOwnCitation(citation)) {
    const titleKey = citation.kind === 'document' ? 'document_title' : 'title'
    return leftovers.printed(citation, { url, [titleKey]: title, cited_text: quote })
  }
  // The nearest thing this wire has; only a search of its own gives an index that may be sent back.
  return {
    type: 'web_search_result_location',
    url: url ?? '',
    title: title ?? null,
    cited_text: quote ?? '',
    encrypted_index: '',
  }
}

/** Whether this dialect's own upstream made it, so that it may be sent back there. */
export function isOwnCitation(citation: Citation): boolean {
  const fields = leftovers.fieldsOf(citation)
  return fields['type'] !== undefined && fields['encrypted_index'] !== ''
}

/** Whether there is anything to tell a client of this wire: marks of other makers may name neither address nor source. */
export function isTellable(citation: Citation): boolean {
  const { url, title, quote } = citation
  const named = [url, title, quote].some((word) => word !== undefined)
  return named || isOwnCitation(citation)
}

/** Whether it is told as the nearest thing that this wire has. */
export function isForeignTold(citation: Citation): boolean {
  return isTellable(citation) && !isOwnCitation(citation)
}

export const APPROXIMATE_CITATIONS = {
  action: 'approximated',
  feature: 'citations',
  weight: 1,
  reason: 'a citation here covers a whole block, not a range of the text',
} as const
