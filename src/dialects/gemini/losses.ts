// What of an answer's part this wire cannot say, as notes.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import { isBeside } from './grounding.ts'
import { argumentsObject } from '../lowering/object-arguments.ts'
import { encodePart } from './print-parts.ts'

/** `path` is where the part stands in the answer. */
export function lossesOf(part: Part, path: string): readonly Note[] {
  if (encodePart(part) === undefined && !isBeside(part)) {
    const [feature, weight] =
      part.type === 'opaque' ? [part.what, 1 as const] : [part.type, 3 as const]
    const reason = 'Gemini cannot say this in an answer'
    return [{ action: 'dropped', feature, path, weight, reason }]
  }
  if (part.type === 'tool-call' && !argumentsObject(part).exact) {
    const reason = 'Gemini takes a JSON object as arguments: these stand in one under "value"'
    return [{ action: 'approximated', feature: 'tool_arguments', path, weight: 3, reason }]
  }
  if (part.type === 'refusal') {
    const reason = 'Gemini has no refusals: it stands in the text'
    return [{ action: 'approximated', feature: 'refusal', path, weight: 1, reason }]
  }
  return []
}
