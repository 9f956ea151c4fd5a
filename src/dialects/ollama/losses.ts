// What of an answer's part this wire cannot say, as notes.
import type { Note, NoteAction, NoteWeight } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import { argumentsObject } from '../lowering/object-arguments.ts'

interface Loss {
  readonly action: NoteAction
  readonly feature: string
  readonly weight: NoteWeight
  readonly reason: string
}

/** `path` is where the part stands in the answer. */
export function lossesOf(part: Part, path: string): readonly Note[] {
  const losses: Loss[] = []
  if (part.seal !== undefined) losses.push(SEAL)
  switch (part.type) {
    case 'text':
      if (part.citations !== undefined && part.citations.length > 0) losses.push(CITATIONS)
      break
    case 'refusal':
      losses.push(REFUSAL)
      break
    case 'image':
      if (part.source.kind !== 'base64') losses.push(unsayable(part.type))
      break
    case 'tool-call':
      if (!argumentsObject(part).exact) losses.push(ARGUMENTS)
      break
    case 'reasoning':
      break
    case 'audio':
      losses.push(part.transcript === undefined ? unsayable(part.type) : TRANSCRIPT)
      break
    case 'video':
    case 'file':
    case 'tool-result':
    case 'search-result':
    case 'opaque':
      losses.push(
        part.type === 'opaque' ? { ...unsayable(part.what), weight: 1 } : unsayable(part.type),
      )
  }
  return losses.map((loss) => ({ ...loss, path }))
}

const CITATIONS: Loss = {
  action: 'dropped',
  feature: 'citations',
  weight: 2,
  reason: 'Ollama has no citations',
}

const SEAL: Loss = {
  action: 'dropped',
  feature: 'reasoning_state',
  weight: 1,
  reason: 'Ollama has no place for the state that another provider sealed',
}

const REFUSAL: Loss = {
  action: 'approximated',
  feature: 'refusal',
  weight: 1,
  reason: 'Ollama has no refusals: it stands in the text',
}

const TRANSCRIPT: Loss = {
  action: 'approximated',
  feature: 'audio',
  weight: 3,
  reason: 'Ollama has no sound in answers: the transcript stands for it',
}

const ARGUMENTS: Loss = {
  action: 'approximated',
  feature: 'tool_arguments',
  weight: 3,
  reason: 'the arguments are no JSON object; they stand under "value"',
}

function unsayable(feature: string): Loss {
  return { action: 'dropped', feature, weight: 3, reason: 'Ollama cannot say this in an answer' }
}
