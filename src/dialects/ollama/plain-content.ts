// Content for a wire whose messages are one string: other kinds of text become text, and texts become one.
import type { Note } from '../../canonical/note.ts'
import { type Part, type SearchResultPart, textOf } from '../../canonical/part.ts'
import type { Role } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { mapSame, rewriteParts, withParts, withTurns } from '../lowering/rewrite.ts'

/** Refusals and search hits as text. */
export const wordsAsText: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => {
    if (part.type !== 'refusal' && part.type !== 'search-result') return [part]
    notes.push({
      action: 'approximated',
      feature: part.type,
      path,
      weight: part.type === 'refusal' ? 1 : 2,
      reason: 'the target knows plain text only',
    })
    return [{ type: 'text', text: part.type === 'refusal' ? part.text : hitText(part) }]
  })
  return { value, notes }
}

function hitText({ title, source, content }: SearchResultPart): string {
  return [title, source, textOf(content)].filter((line) => line !== '').join('\n')
}

/** One text part a message and a tool result. */
export const oneText: Pass = (request) => {
  const notes: Note[] = []
  const turns = mapSame(request.turns, (turn, at) => {
    const path = `turns[${at}].parts`
    const parts = mapSame(turn.parts, (part, index): Part => {
      if (part.type !== 'tool-result') return part
      const content = joined(part.content, {
        role: 'tool',
        path: `${path}[${index}].content`,
        notes,
      })
      return content === part.content ? part : { ...part, content }
    })
    return withParts(turn, joined(parts, { role: turn.role, path, notes }))
  })
  return { value: withTurns(request, turns), notes }
}

interface Place {
  readonly role: Role
  readonly path: string
  readonly notes: Note[]
}

/** What the model itself said runs on; what others wrote as separate pieces stays apart by a blank line. */
function joined(parts: readonly Part[], { role, path, notes }: Place): readonly Part[] {
  const texts = parts.filter((part) => part.type === 'text')
  const [first] = texts
  if (first === undefined || texts.length === 1) return parts
  notes.push({
    action: 'merged',
    feature: 'text_parts',
    path,
    weight: 0,
    reason: 'a message of the target holds one text',
  })
  const text = texts.map((part) => part.text).join(role === 'assistant' ? '' : '\n\n')
  return parts.flatMap((part): readonly Part[] => {
    if (part.type !== 'text') return [part]
    return part === first ? [{ ...first, text }] : []
  })
}
