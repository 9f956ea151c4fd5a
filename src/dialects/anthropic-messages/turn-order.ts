// Who speaks first and last: the wire wants the user first, and newer models want the user last too.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import { type Pass, runPasses } from '../lowering/pass.ts'
import { userFirst, userLast } from '../lowering/user-ends.ts'
import type { MessageFlags } from './flags.ts'
import { DIALECT } from './wire-types.ts'

/** Run when it is known whether the model thinks: an answer that was begun for it excludes that. */
export function turnOrder(flags: Pick<MessageFlags, 'prefill'>): Pass {
  return (request) => {
    if (request.origin.dialect === DIALECT) return { value: request, notes: [] }
    const thinks = request.reasoning?.mode === 'on' || request.reasoning?.mode === 'auto'
    return runPasses(request, [userFirst(), flags.prefill && !thinks ? trimmed : userLast()])
  }
}

/** An answer begun for the model must not end in blanks. */
const trimmed: Pass = (request) => {
  const last = request.turns.at(-1)
  const text: Part | undefined = last?.parts.at(-1)
  if (last?.role !== 'assistant' || text?.type !== 'text') return { value: request, notes: [] }
  const short = text.text.trimEnd()
  if (short === text.text) return { value: request, notes: [] }
  const note: Note = {
    action: 'approximated',
    feature: 'prefill',
    path: `turns[${request.turns.length - 1}]`,
    weight: 0,
    reason: 'the target takes no blanks at the end of an answer begun for it',
  }
  const parts = [...last.parts.slice(0, -1), { ...text, text: short }]
  const turns = [...request.turns.slice(0, -1), { ...last, parts }]
  return { value: { ...request, turns }, notes: [note] }
}
