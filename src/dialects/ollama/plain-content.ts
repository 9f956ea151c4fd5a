// Content for a wire whose messages are one string: texts become one, and stand before the pictures.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Role } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { mapSame, withParts, withTurns } from '../lowering/rewrite.ts'

/** Pictures stand beside the text of a message, and are read before it. */
export const picturesFirst: Pass = (request) => {
  const notes: Note[] = []
  const turns = mapSame(request.turns, (turn, at) => {
    const ordered = beforeText(turn.parts)
    if (ordered === turn.parts) return turn
    notes.push(reordered(`turns[${at}].parts`))
    return withParts(turn, ordered)
  })
  return { value: withTurns(request, turns), notes }
}

/** The same list where no text stands before a picture. */
export function beforeText(parts: readonly Part[]): readonly Part[] {
  const first = parts.findIndex((part) => part.type === 'text')
  const behind = first !== -1 && parts.slice(first).some((part) => part.type === 'image')
  if (!behind) return parts
  const pictures = parts.filter((part) => part.type === 'image')
  return [...pictures, ...parts.filter((part) => part.type !== 'image')]
}

export function reordered(path: string): Note {
  return {
    action: 'reordered',
    feature: 'image',
    path,
    weight: 1,
    reason: 'Ollama has pictures beside the text of a message, not in their place in it',
  }
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
