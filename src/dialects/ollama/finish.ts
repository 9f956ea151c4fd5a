// Why an answer ended: `done_reason` has three words of its own and no word for tool calls.
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { Finish, FinishReason } from '../../canonical/response.ts'

/** `stop` after tool calls means that they are to be run. An empty word means that the connection was closed. */
export function readFinish(raw: string | undefined, called: boolean): Finish {
  return { reason: reasonOf(raw, called), ...(raw === undefined ? {} : { raw }) }
}

function reasonOf(raw: string | undefined, called: boolean): FinishReason {
  switch (raw) {
    // Servers before 0.1.33 had no word at all.
    case undefined:
    case 'stop':
      return called ? 'tool-calls' : 'stop'
    case 'length':
      return 'length'
    case '':
      return 'cancelled'
    default:
      return 'other'
  }
}

export interface PrintedFinish {
  readonly word: string
  readonly note?: Note
}

// What no word of this wire says, and how much is lost by `stop`.
const UNSAID: Partial<Record<FinishReason, NoteWeight>> = {
  'content-filter': 3,
  refusal: 2,
  pause: 2,
  'malformed-tool-call': 3,
  compaction: 1,
}

export function printFinish(finish: Finish | undefined, own: 'own' | 'foreign'): PrintedFinish {
  if (finish === undefined) return { word: 'stop' }
  if (own === 'own' && finish.raw !== undefined) return { word: finish.raw }
  if (finish.reason === 'length' || finish.reason === 'context-length') return { word: 'length' }
  const weight = UNSAID[finish.reason]
  if (weight === undefined) return { word: 'stop' }
  return {
    word: 'stop',
    note: {
      action: 'approximated',
      feature: 'finish',
      path: 'candidates[0].finish',
      weight,
      reason: `Ollama has no word for an answer that ended in ${finish.reason}`,
      from: finish.reason,
      to: 'stop',
    },
  }
}

/** Endings that are failures: they are said as an error, never as a clean stop. */
export function isFailure(finish: Finish | undefined, own: 'own' | 'foreign'): boolean {
  if (own === 'own' && finish?.raw !== undefined) return false
  return finish?.reason === 'error' || finish?.reason === 'cancelled'
}
