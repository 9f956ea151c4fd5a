// How other dialects' wishes to think, and the thinking in their histories, are said to the model of a profile.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'
import { reasoning } from '../lowering/reasoning.ts'
import { flatMapSame, omit, rewriteParts, withTurns } from '../lowering/rewrite.ts'
import type { Flags } from './flags.ts'

export function reasoningFor({ reasoningControl, reasoningEfforts }: Flags): Pass {
  switch (reasoningControl) {
    case 'reasoning_effort':
      return reasoning({ speaks: 'effort', efforts: reasoningEfforts })
    case 'prompt_mode':
      return reasoning({ speaks: 'level', efforts: [] })
    case 'none':
      return withoutReasoning
  }
}

const withoutReasoning: Pass = (request) => {
  if (request.reasoning === undefined) return { value: request, notes: [] }
  const off = request.reasoning.mode === 'off' || request.reasoning.effort === 'none'
  const note: Note = {
    action: 'dropped',
    feature: 'reasoning_effort',
    path: 'reasoning',
    weight: off ? 0 : 2,
    reason: 'the target cannot be told how much to think',
  }
  return { value: omit(request, ['reasoning']), notes: [note] }
}

/** Takes the thinking out of assistant turns, and the turns that held nothing else. */
export const replayedThinking: Pass = (request) => {
  const notes: Note[] = []
  const value = rewriteParts(request, (part, path) => {
    if (part.type !== 'reasoning') return [part]
    notes.push({
      action: 'dropped',
      feature: 'reasoning',
      path,
      weight: 1,
      reason: 'the target does not take back thinking',
    })
    return []
  })
  const turns = flatMapSame(value.turns, (turn) => (turn.parts.length === 0 ? [] : [turn]))
  return { value: notes.length === 0 ? request : withTurns(value, turns), notes }
}
