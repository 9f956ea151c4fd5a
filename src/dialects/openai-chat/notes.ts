// What an answer holds that this wire cannot say.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Candidate } from '../../canonical/response.ts'
import { OPENAI_CHAT } from './wire-types.ts'

export function spokenNotes(candidate: Candidate): readonly Note[] {
  const path = `candidates[${candidate.index}]`
  return candidate.parts.flatMap((part, at) => partNotes(part, `${path}.parts[${at}]`))
}

/** Whether an answer's message has a place for it. */
export function isSayable(part: Part): boolean {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'tool-call':
      return true
    case 'audio':
      return part.source.kind === 'base64'
    case 'opaque':
      return part.origin.dialect === OPENAI_CHAT
    case 'image':
    case 'video':
    case 'file':
    case 'tool-result':
    case 'search-result':
      return false
  }
}

export function partNotes(part: Part, path: string): readonly Note[] {
  if (isSayable(part)) return []
  return [
    {
      action: 'dropped',
      feature: part.type === 'opaque' ? part.what : part.type,
      path,
      weight: part.type === 'opaque' ? 1 : 3,
      reason: 'an answer in the Chat Completions protocol has no place for it',
    },
  ]
}
