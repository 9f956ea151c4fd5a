// What an answer holds that this wire cannot say.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Candidate } from '../../canonical/response.ts'
import type { Usage } from '../../canonical/usage.ts'
import { isContent } from './assistant.ts'
import { isCounted } from './usage.ts'

export function spokenNotes(candidate: Candidate): readonly Note[] {
  const path = `candidates[${candidate.index}]`
  return candidate.parts.flatMap((part, at) => partNotes(part, `${path}.parts[${at}]`))
}

/** Whether an answer's message has a place for it. */
export function isSayable(part: Part): boolean {
  return part.type === 'tool-call' || isContent(part)
}

export function partNotes(part: Part, path: string): readonly Note[] {
  if (!isSayable(part)) {
    return [
      {
        action: 'dropped',
        feature: part.type === 'opaque' ? part.what : part.type,
        path,
        weight: part.type === 'opaque' ? 1 : 3,
        reason: "an answer of Mistral's chat API has no place for it",
      },
    ]
  }
  return part.type === 'refusal' ? [refusalNote(path)] : []
}

function refusalNote(path: string): Note {
  return {
    action: 'approximated',
    feature: 'refusal',
    path,
    weight: 1,
    reason: "Mistral's chat API has no refusals: its words are the text of the answer",
  }
}

/** The SDK refuses an answer without counts. */
export function usageNotes(usage: Usage | undefined): readonly Note[] {
  if (isCounted(usage)) return []
  return [
    {
      action: 'synthesized',
      feature: 'usage',
      path: 'usage',
      weight: 0,
      reason: 'the provider gave no token counts: 0 stands for what is unknown',
    },
  ]
}
