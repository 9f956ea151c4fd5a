// Pieces of other dialects' messages that this wire refuses as they are.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'
import { dropEmptyText } from '../lowering/empties.ts'
import { rewriteParts } from '../lowering/rewrite.ts'
import { isOwnCitation } from './citations.ts'
import { DIALECT } from './wire-types.ts'

/** A citation can be sent back only with the index that its own search gave it. */
export const ownCitations: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(
    request,
    (part, path) => {
      if (part.type !== 'text' || part.citations === undefined) return [part]
      if (part.citations.every((citation) => isOwnCitation(citation))) return [part]
      const { citations, ...text } = part
      const own = citations.filter((citation) => isOwnCitation(citation))
      notes.push({
        action: 'dropped',
        feature: 'citations',
        path: `${path}.citations`,
        weight: 1,
        reason: 'the target takes back only citations of its own',
      })
      return [own.length === 0 ? text : { ...text, citations: own }]
    },
    ['citations'],
  )
  return { value, notes }
}

/** Files of other wires by what they are: text as text, pictures as pictures; beside them only PDF is a document. */
export const documents: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(
    request,
    (part, path) => {
      if (part.type !== 'file' || part.source.kind !== 'base64') return [part]
      const { data, mediaType = PDF } = part.source
      if (mediaType === PDF || request.origin.dialect === DIALECT) return [part]
      if (mediaType.startsWith('image/')) return [{ ...part, type: 'image' }]
      if (mediaType.startsWith('text/') || mediaType === 'application/json') {
        const text = decodeText(data)
        // What is no base64 is for the target to refuse.
        if (text === undefined) return [part]
        return [{ ...part, source: { kind: 'text', text, mediaType: 'text/plain' } }]
      }
      notes.push({
        action: 'dropped',
        feature: 'file',
        path,
        weight: 3,
        reason: `the target reads PDF and text, not ${mediaType}`,
      })
      return []
    },
    ['file'],
  )
  return { value, notes }
}

const PDF = 'application/pdf'

function decodeText(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return new TextDecoder().decode(bytes)
  } catch {
    return undefined
  }
}

/** Empty and blank text is refused. In this wire's own requests it is the client's own affair: newer betas use empty turns. */
export const blankText: Pass = (request) => {
  if (request.origin.dialect === DIALECT) return { value: request, notes: [] }
  const value = rewriteParts(request, (part) =>
    (part.type === 'text' || part.type === 'refusal') && part.text.trim() === '' ? [] : [part],
  )
  return dropEmptyText()(value)
}
