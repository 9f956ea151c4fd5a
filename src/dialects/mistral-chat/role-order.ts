// Who may speak after whom: one user message in a row, and a last message that the model can answer or go on with.
import type { Note } from '../../canonical/note.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { withParts } from '../lowering/rewrite.ts'
import { leftovers } from './extension.ts'
import type { Flags } from './flags.ts'

const HEARD: Turn = { role: 'assistant', parts: [{ type: 'text', text: 'OK' }] }

/** Run last of all that adds or moves turns. */
export function roleOrder({ userAfterTool }: Pick<Flags, 'userAfterTool'>): Pass {
  return (request) => {
    const notes: Note[] = []
    const turns: Turn[] = []
    const heardUntil = request.turns.findLastIndex((turn) => turn.role !== 'system')
    for (const [at, came] of request.turns.entries()) {
      const turn = at > heardUntil ? asUser(came, at, notes) : came
      const before = turns.at(-1)
      if (turn.role === 'user' && before?.role === 'user') {
        turns[turns.length - 1] = withParts(before, [...before.parts, ...turn.parts])
        notes.push(note('merged', at, 'the target wants one user message in a row'))
      } else if (turn.role === 'user' && before?.role === 'tool' && !userAfterTool) {
        turns.push(HEARD, turn)
        notes.push(note('synthesized', at, 'the target wants an answer between results and user'))
      } else turns.push(turn)
    }
    const last = turns.at(-1)
    const begun = last?.role === 'assistant' && leftovers.shapeOf(last)['prefix'] === undefined
    if (begun) turns[turns.length - 1] = withPrefix(last)
    return { value: notes.length === 0 && !begun ? request : { ...request, turns }, notes }
  }
}

/** Instructions that nobody speaks after would stand where the target wants a question. */
function asUser(turn: Turn, at: number, notes: Note[]): Turn {
  notes.push({
    action: 'approximated',
    feature: 'system_position',
    path: `turns[${at}].role`,
    weight: 2,
    reason: 'the target does not answer a system message; it reads this as a user message',
  })
  return { ...turn, role: 'user' }
}

/** An answer begun for the model. */
function withPrefix(turn: Turn): Turn {
  const fields = leftovers.fieldsOf(turn)
  const left = Object.keys(fields).length === 0 ? undefined : fields
  const { extensions } = leftovers.keptFields(left, { ...leftovers.shapeOf(turn), prefix: true })
  return { ...turn, extensions: { ...turn.extensions, ...extensions } }
}

function note(action: Note['action'], at: number, reason: string): Note {
  return { action, feature: 'role_order', path: `turns[${at}]`, weight: 0, reason }
}
