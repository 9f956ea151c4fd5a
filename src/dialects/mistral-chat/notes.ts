// What an answer holds that this wire cannot say.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Candidate, Finish } from '../../canonical/response.ts'
import type { Usage } from '../../canonical/usage.ts'
import { isContent } from './assistant.ts'
import { encodeFinish, isApproximated } from './finish.ts'
import { isCounted } from './usage.ts'

export function spokenNotes(candidate: Candidate): readonly Note[] {
  const path = `candidates[${candidate.index}]`
  return [
    ...candidate.parts.flatMap((part, at) => partNotes(part, `${path}.parts[${at}]`)),
    ...finishNotes(candidate.finish, path),
  ]
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
  if (part.type === 'refusal') return [refusalNote(path)]
  const cited = part.type === 'text' && (part.citations?.length ?? 0) > 0
  return cited ? [citationNote(path)] : []
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

/** A citation by itself, as a stream has it, or all of a part. */
export function citationNote(path: string): Note {
  return {
    action: 'dropped',
    feature: 'citations',
    path: `${path}.citations`,
    weight: 1,
    reason: "Mistral's chat API cites by the numbers of its own sources only",
  }
}

export function finishNotes(finish: Finish | undefined, path: string): readonly Note[] {
  if (finish === undefined || !isApproximated(finish.reason)) return []
  return [
    {
      action: 'approximated',
      feature: 'finish_reason',
      path: `${path}.finish`,
      weight: 1,
      reason: "Mistral's chat API has no such reason",
      from: finish.reason,
      to: encodeFinish(finish, { own: false }),
    },
  ]
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
