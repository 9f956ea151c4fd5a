// The word JSON in the conversation, for targets that refuse to answer in JSON unless somebody has said it.
import type { Note } from '../../canonical/note.ts'
import { textOf } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'

export interface MentionedJsonRules {
  /** Where the target looks for it: `conversation` leaves out the instructions that stand at the top. */
  readonly among: 'all' | 'conversation'
  /** `as-json`: the target is asked for JSON where a schema was wanted. Default `kept`. */
  readonly schemas?: 'kept' | 'as-json'
}

/** An instruction before the conversation says it, where no other text does. */
export function mentionedJson({ among, schemas = 'kept' }: MentionedJsonRules): Pass {
  return (request) => {
    const wanted = request.output?.format?.type
    const asJson = wanted === 'json' || (wanted === 'json-schema' && schemas === 'as-json')
    if (!asJson) return { value: request, notes: [] }
    const read = request.turns.filter(({ place }) => among === 'all' || place !== 'top')
    if (read.some(({ parts }) => /json/i.test(textOf(parts)))) return { value: request, notes: [] }
    const first = request.turns.findIndex(({ place }) => place !== 'top')
    const at = first === -1 ? request.turns.length : first
    return { value: { ...request, turns: request.turns.toSpliced(at, 0, SAID) }, notes: [NOTE] }
  }
}

const SAID: Turn = { role: 'system', parts: [{ type: 'text', text: 'Answer in JSON.' }] }

const NOTE: Note = {
  action: 'synthesized',
  feature: 'json_instruction',
  path: 'turns',
  weight: 1,
  reason:
    'the target answers in JSON only where the conversation says the word: an instruction does',
}
