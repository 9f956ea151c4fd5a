// Parts where this wire has no place for them: what can be read becomes text, the rest goes with a note.
import type { Note } from '../../canonical/note.ts'
import { type Part, type SearchResultPart, textOf } from '../../canonical/part.ts'
import type { Role } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { flatMapSame, mapSame, withParts, withTurns } from '../lowering/rewrite.ts'

const SPOKEN = ['text', 'image', 'file', 'opaque'] as const

const PLACES: Readonly<Record<Role, readonly Part['type'][]>> = {
  system: SPOKEN,
  developer: SPOKEN,
  user: SPOKEN,
  assistant: ['text', 'refusal', 'reasoning', 'tool-call', 'opaque'],
  tool: ['tool-result', 'opaque'],
}

/** Search hits become text; a message keeps only what its role can hold. Run after results stand alone. */
export function placedParts(): Pass {
  return (request) => {
    const notes: Note[] = []
    const turns = mapSame(request.turns, (turn, at) => {
      const types = turn.place === 'top' ? (['text'] as const) : PLACES[turn.role]
      const parts = flatMapSame(turn.parts, (part, index) =>
        placed(part, types, { path: `turns[${at}].parts[${index}]`, notes }),
      )
      return withParts(turn, parts)
    })
    return { value: withTurns(request, turns), notes }
  }
}

interface Place {
  readonly path: string
  readonly notes: Note[]
}

function placed(part: Part, types: readonly Part['type'][], place: Place): readonly Part[] {
  if (!types.includes(part.type)) return readable(part, types, place)
  if (part.type !== 'tool-result') return [part]
  const content = flatMapSame(part.content, (inner, index) =>
    placed(inner, SPOKEN, { ...place, path: `${place.path}.content[${index}]` }),
  )
  return [content === part.content ? part : { ...part, content }]
}

function readable(
  part: Part,
  types: readonly Part['type'][],
  { path, notes }: Place,
): readonly Part[] {
  const about = { feature: part.type, path }
  const takesText = types.includes('text')
  if (part.type === 'search-result' && takesText) {
    const reason = 'the target has no search results: their text stands in their place'
    notes.push({ ...about, action: 'approximated', weight: 2, reason })
    return [{ type: 'text', text: lines(part) }]
  }
  if (part.type === 'refusal' && takesText) return [{ type: 'text', text: part.text }]
  notes.push({
    ...about,
    action: 'dropped',
    weight: 3,
    reason: 'the target has no place for it in such a message',
  })
  return []
}

function lines({ title, source, content }: SearchResultPart): string {
  return [title, source, textOf(content)].filter((line) => line !== '').join('\n')
}
