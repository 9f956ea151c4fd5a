// Instructions for targets that take them as one string.
import type { Note } from '../../canonical/note.ts'
import { textOf } from '../../canonical/part.ts'
import type { Pass } from './pass.ts'
import { mapSame, withParts, withTurns } from './rewrite.ts'

/** The texts of instructions that stand outside the conversation, as one with a blank line between them. */
export const oneInstruction: Pass = (request) => {
  const notes: Note[] = []
  const turns = mapSame(request.turns, (turn, at) => {
    if (turn.place !== 'top' || turn.parts.length < 2) return turn
    notes.push({
      action: 'merged',
      feature: 'text_parts',
      path: `turns[${at}].parts`,
      weight: 0,
      reason: 'the target takes its instructions as one text',
    })
    const text = turn.parts.map((part) => textOf([part])).join('\n\n')
    return withParts(turn, [{ type: 'text', text }])
  })
  return { value: withTurns(request, turns), notes }
}
