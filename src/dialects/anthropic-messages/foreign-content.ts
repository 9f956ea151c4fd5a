// Pieces of other dialects' messages that this wire refuses as they are.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'
import { dropEmptyText } from '../lowering/empties.ts'
import { rewriteParts } from '../lowering/rewrite.ts'
import { isOwnCitation } from './citations.ts'
import { toolInput } from './tool-input.ts'
import { DIALECT } from './wire-types.ts'

/** A citation can be sent back only with the index that its own search gave it. */
export const ownCitations: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => {
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
  })
  return { value, notes }
}

/** Arguments that are no JSON object travel whole under `value`. */
export const toolInputs: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => {
    if (part.type !== 'tool-call' || request.origin.dialect === DIALECT) return [part]
    const input = toolInput(part.arguments)
    if (input.exact) return [part]
    notes.push({
      action: 'approximated',
      feature: 'tool_arguments',
      path: `${path}.arguments`,
      weight: 2,
      reason: 'the target takes an object only; the arguments stand in it under "value"',
    })
    return [{ ...part, arguments: { text: JSON.stringify(input.value), json: input.value } }]
  })
  return { value, notes }
}

/** Empty and blank text is refused. In this wire's own requests it is the client's own affair: newer betas use empty turns. */
export const blankText: Pass = (request) => {
  if (request.origin.dialect === DIALECT) return { value: request, notes: [] }
  const value = rewriteParts(request, (part) =>
    part.type === 'text' && part.text.trim() === '' ? [] : [part],
  )
  return dropEmptyText()(value)
}
