// Signatures that came back on thoughts of another wire's history, each put on the part that it signs.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Pass } from '../lowering/pass.ts'
import { mapSame, withParts, withTurns } from '../lowering/rewrite.ts'
import { carriedSeal } from '../seal-carriers.ts'

/** Run when what one speaker said is one turn. */
export const returnedSeals: Pass = (request) => {
  const notes: Note[] = []
  const turns = mapSame(request.turns, (turn, at) => {
    if (!turn.parts.some((part) => carriedSeal(part) !== undefined)) return turn
    notes.push(...turn.parts.filter((part) => hasWords(part)).map(() => unsigned(at)))
    return withParts(turn, returned(turn.parts))
  })
  return { value: withTurns(request, turns), notes }
}

/** Thinking that a client has run together with a carrier after it has no signature of its own. */
function hasWords(part: Part): boolean {
  return part.type === 'reasoning' && part.text !== '' && carriedSeal(part) !== undefined
}

function unsigned(turn: number): Note {
  return {
    action: 'dropped',
    feature: 'reasoning',
    path: `turns[${turn}]`,
    weight: 2,
    reason: 'the target takes back only thinking that it has signed',
  }
}

function returned(parts: readonly Part[]): readonly Part[] {
  const placed = parts.filter((part) => carriedSeal(part) === undefined)
  let before = 0
  for (const part of parts) {
    const carried = carriedSeal(part)
    if (carried === undefined) {
      before += 1
      continue
    }
    const { seal, signed } = carried
    const at = signed === 'empty' ? -1 : placeOf(placed, signed, before)
    const target = placed[at]
    if (target !== undefined) placed[at] = { ...target, seal }
    else if (signed === 'empty') {
      const end = placed.findLastIndex((one) => one.type === 'text') + 1
      placed.splice(end, 0, { type: 'text', text: '', seal })
    }
  }
  return placed
}

/** The next part of the kind without a signature, else the one before. */
function placeOf(parts: readonly Part[], signed: 'call' | 'text', before: number): number {
  const type = signed === 'call' ? 'tool-call' : 'text'
  const isOpen = (part: Part): boolean => part.type === type && part.seal === undefined
  const next = parts.findIndex((part, at) => at >= before && isOpen(part))
  return next === -1 ? parts.slice(0, before).findLastIndex(isOpen) : next
}
