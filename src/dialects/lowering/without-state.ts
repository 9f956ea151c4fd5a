// For targets that cannot read the state they are given back: thinking goes, and seals go off everything else.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Pass } from './pass.ts'
import { flatMapSame, withParts, withTurns } from './rewrite.ts'

/** Words, calls and results stay. A turn that was nothing but thinking goes with it. */
export function withoutState(reason: string): Pass {
  return (request) => {
    const notes: Note[] = []
    const dropped = (path: string): void => {
      notes.push({ action: 'dropped', feature: 'reasoning_state', path, weight: 2, reason })
    }
    const stateless = (part: Part, path: string): readonly Part[] => {
      if (part.type === 'reasoning') {
        dropped(path)
        return []
      }
      if (part.seal === undefined) return [part]
      dropped(`${path}.seal`)
      const { seal: _, ...open } = part
      return [open]
    }
    const turns = flatMapSame(request.turns, (turn, at) => {
      const parts = flatMapSame(turn.parts, (part, index) =>
        stateless(part, `turns[${at}].parts[${index}]`),
      )
      if (parts === turn.parts) return [turn]
      return parts.length === 0 ? [] : [withParts(turn, parts)]
    })
    return { value: withTurns(request, turns), notes }
  }
}
