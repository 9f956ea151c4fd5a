// Parts where this wire has no place for them: what can be read becomes text, the rest goes with a note.
import type { Note } from '../../canonical/note.ts'
import { type Part, type SearchResultPart, textOf } from '../../canonical/part.ts'
import type { Role, Turn } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { flatMapSame, mapSame, withParts, withTurns } from '../lowering/rewrite.ts'

const PLACES: Readonly<Record<Role, readonly Part['type'][]>> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image', 'audio', 'file', 'opaque'],
  assistant: ['text', 'reasoning', 'tool-call', 'opaque'],
  tool: ['tool-result'],
}

const IN_RESULTS: readonly Part['type'][] = ['text', 'opaque']

/** Search hits and refusals become text; a message keeps only what its role can hold. Run after results stand alone. */
export function placedParts(): Pass {
  return (request) => {
    const notes: Note[] = []
    const turns = mapSame(request.turns, (turn, at) => placed(turn, `turns[${at}]`, notes))
    const filled = flatMapSame(turns, (turn, at) =>
      turn.parts.length === 0 && request.turns[at] !== turn ? [] : [turn],
    )
    return { value: withTurns(request, filled), notes }
  }
}

function placed(turn: Turn, path: string, notes: Note[]): Turn {
  const parts = flatMapSame(turn.parts, (part, at) => {
    const here = `${path}.parts[${at}]`
    if (part.type !== 'tool-result' || turn.role !== 'tool') {
      return fitting(part, PLACES[turn.role], { path: here, notes })
    }
    const content = flatMapSame(part.content, (inner, index) =>
      fitting(inner, IN_RESULTS, { path: `${here}.content[${index}]`, notes }),
    )
    return [content === part.content ? part : { ...part, content }]
  })
  return withParts(turn, parts)
}

interface Place {
  readonly path: string
  readonly notes: Note[]
}

function fitting(
  part: Part,
  types: readonly Part['type'][],
  { path, notes }: Place,
): readonly Part[] {
  if (types.includes(part.type)) return [part]
  const about = { feature: part.type, path }
  if (part.type === 'search-result') {
    const reason = 'the target has no search results: their text stands in their place'
    notes.push({ ...about, action: 'approximated', weight: 2, reason })
    return [{ type: 'text', text: readable(part) }]
  }
  if (part.type === 'refusal' && types.includes('text')) return [{ type: 'text', text: part.text }]
  const reason = 'the target has no place for it in such a message'
  notes.push({ ...about, action: 'dropped', weight: 3, reason })
  return []
}

function readable({ title, source, content }: SearchResultPart): string {
  return [title, source, textOf(content)].filter((line) => line !== '').join('\n')
}
