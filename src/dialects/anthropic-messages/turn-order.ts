// Who speaks first and last: the wire wants the user first, and newer models want the user last too.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import type { MessageFlags } from './flags.ts'
import { DIALECT } from './wire-types.ts'

const GO_ON: Turn = { role: 'user', parts: [{ type: 'text', text: 'Continue.' }] }

/** Run when it is known whether the model thinks: an answer that was begun for it excludes that. */
export function turnOrder(flags: Pick<MessageFlags, 'prefill'>): Pass {
  return (request) => {
    if (request.origin.dialect === DIALECT) return { value: request, notes: [] }
    const notes: Note[] = []
    const begun = withFirstUser(request, notes)
    const thinks = request.reasoning?.mode === 'on' || request.reasoning?.mode === 'auto'
    const value = flags.prefill && !thinks ? trimmed(begun, notes) : withLastUser(begun, notes)
    return { value, notes }
  }
}

function withFirstUser(request: ChatRequest, notes: Note[]): ChatRequest {
  const at = request.turns.findIndex((turn) => turn.place !== 'top')
  if (request.turns[at]?.role !== 'assistant') return request
  notes.push(synthesized(at, 'the target wants the user to speak first'))
  return { ...request, turns: request.turns.toSpliced(at, 0, GO_ON) }
}

function withLastUser(request: ChatRequest, notes: Note[]): ChatRequest {
  if (request.turns.at(-1)?.role !== 'assistant') return request
  notes.push({
    ...synthesized(request.turns.length, 'the target does not go on with an answer begun for it'),
    action: 'approximated',
    weight: 2,
  })
  return { ...request, turns: [...request.turns, GO_ON] }
}

/** An answer begun for the model must not end in blanks. */
function trimmed(request: ChatRequest, notes: Note[]): ChatRequest {
  const last = request.turns.at(-1)
  const text: Part | undefined = last?.parts.at(-1)
  if (last?.role !== 'assistant' || text?.type !== 'text') return request
  const short = text.text.trimEnd()
  if (short === text.text) return request
  notes.push({
    action: 'approximated',
    feature: 'prefill',
    path: `turns[${request.turns.length - 1}]`,
    weight: 0,
    reason: 'the target takes no blanks at the end of an answer begun for it',
  })
  const parts = [...last.parts.slice(0, -1), { ...text, text: short }]
  return { ...request, turns: [...request.turns.slice(0, -1), { ...last, parts }] }
}

function synthesized(at: number, reason: string): Note {
  return { action: 'synthesized', feature: 'user_turn', path: `turns[${at}]`, weight: 1, reason }
}
